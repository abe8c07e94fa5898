using System.Text;
using Tare.Docker.Endpoints;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.UnitTests.Docker;

public sealed class RequestParsingTests
{
    [Fact]
    public void ReadsFiltersOfBothShapes()
    {
        Assert.Empty(FilterParser.Parse(null));
        Assert.Empty(FilterParser.Parse(""));
        IReadOnlyDictionary<string, IReadOnlyList<string>> filters = FilterParser.Parse("""{"label":{"a=b":true,"c":true,"no":false},"status":["running","paused"]}""");
        Assert.Equal(["a=b", "c"], filters["label"]);
        Assert.Equal(["running", "paused"], filters["status"]);
    }

    [Theory]
    [InlineData("bad")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("""{"label":5}""")]
    [InlineData("""{"label":[5]}""")]
    [InlineData("""{"label":["a"]""")]
    public void RefusesOtherFilters(string text)
    {
        EngineException error = Assert.Throws<EngineException>(() => FilterParser.Parse(text));
        Assert.Equal(ErrorClass.InvalidArgument, error.Class);
        Assert.Equal("invalid filter", error.Message);
    }

    [Fact]
    public void ReadsACreateBodyOfThreeDocumentsOnOneLevel()
    {
        byte[] body = """{"Image":"busybox","Cmd":"true","Unknown":{"x":[1]},"HostConfig":{"Memory":5,"Binds":null},"NetworkingConfig":{"EndpointsConfig":{"n":null}}}"""u8.ToArray();
        CreateContainerRequest create = CreateRequests.Parse(body, "", null);
        Assert.Null(create.Name);
        Assert.Equal("busybox", create.Config.Image);
        Assert.Equal(["true"], create.Config.Cmd);
        Assert.Equal(5, create.HostConfig!.Memory);
        Assert.True(create.NetworkingConfig!.EndpointsConfig!.ContainsKey("n"));
    }

    [Theory]
    [InlineData("", "invalid JSON: got EOF while reading request body")]
    [InlineData("{}", "config cannot be empty in order to create a container")]
    [InlineData("""{"HostConfig":{"Memory":1}}""", "config cannot be empty in order to create a container")]
    public void RefusesACreateBodyInDockersWords(string body, string message)
    {
        EngineException error = Assert.Throws<EngineException>(() => CreateRequests.Parse(Encoding.UTF8.GetBytes(body), null, null));
        Assert.Equal(ErrorClass.InvalidArgument, error.Class);
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("{bad")]
    [InlineData("""{"Image":5}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public void RefusesMalformedBodies(string body)
    {
        EngineException error = Assert.Throws<EngineException>(() => CreateRequests.Parse(Encoding.UTF8.GetBytes(body), null, null));
        Assert.Equal(ErrorClass.InvalidArgument, error.Class);
        Assert.StartsWith("invalid JSON: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NullLeavesEveryFieldAsItIs()
    {
        CreateContainerRequest with = Parse("""{"image":"a b\u00e9","Tty":null,"Cmd":null,"Healthcheck":{"Test":["NONE"],"Interval":null,"Retries":null},"Labels":null,"HostConfig":{"Memory":null,"Init":null,"CapAdd":null,"RestartPolicy":{"Name":null,"MaximumRetryCount":null},"PortBindings":{"80/tcp":null}}}""");
        CreateContainerRequest without = Parse("""{"image":"a b\u00e9","Healthcheck":{"Test":["NONE"]},"HostConfig":{"RestartPolicy":{},"PortBindings":{"80/tcp":[]}}}""");
        Assert.Equivalent(without, with);

        static CreateContainerRequest Parse(string body) => CreateRequests.Parse(Encoding.UTF8.GetBytes(body), null, null);
    }

    [Fact]
    public void WantsJsonDeclaredAsJson()
    {
        BodyParser.CheckContentType(null);
        BodyParser.CheckContentType("application/json");
        BodyParser.CheckContentType("Application/JSON; charset=utf-8");
        EngineException error = Assert.Throws<EngineException>(() => BodyParser.CheckContentType("application/x-www-form-urlencoded"));
        Assert.Equal("unsupported Content-Type header (application/x-www-form-urlencoded): must be 'application/json'", error.Message);
    }

    [Fact]
    public void ReadsAndWritesTimesAsGo()
    {
        DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.Equal("0001-01-01T00:00:00Z", GoTime.Format(null));
        Assert.Equal("2026-01-02T03:04:05Z", GoTime.Format(time));
        Assert.Equal("2026-01-02T03:04:05.0000012Z", GoTime.Format(time.AddTicks(12)));
        Assert.Equal("2026-01-02T03:04:05.000001200Z", GoTime.FormatFixed(time.AddTicks(12)));
        Assert.Equal(1767323045000001200, GoTime.UnixNanoseconds(time.AddTicks(12)));
        Assert.Null(GoTime.Parse(""));
        Assert.Equal(DateTimeOffset.UnixEpoch, GoTime.Parse("0"));
        Assert.Equal(time.AddTicks(12), GoTime.Parse("1767323045.000001200"));
        Assert.Equal(time, GoTime.Parse("2026-01-02T04:04:05+01:00"));
        Assert.Throws<EngineException>(() => GoTime.Parse("x"));
        Assert.Throws<EngineException>(() => GoTime.Parse("99999999999999999999999999"));
    }

    [Theory]
    [InlineData(ErrorClass.NotFound, 404)]
    [InlineData(ErrorClass.AlreadyExists, 409)]
    [InlineData(ErrorClass.Conflict, 409)]
    [InlineData(ErrorClass.InvalidArgument, 400)]
    [InlineData(ErrorClass.FailedPrecondition, 412)]
    [InlineData(ErrorClass.PermissionDenied, 403)]
    [InlineData(ErrorClass.Unauthenticated, 401)]
    [InlineData(ErrorClass.Unavailable, 503)]
    [InlineData(ErrorClass.NotImplemented, 501)]
    [InlineData(ErrorClass.NotModified, 304)]
    [InlineData(ErrorClass.ResourceExhausted, 500)]
    [InlineData(ErrorClass.DataLoss, 500)]
    [InlineData(ErrorClass.Internal, 500)]
    [InlineData(ErrorClass.Cancelled, 500)]
    public void MapsErrorClassesToStatus(ErrorClass errorClass, int status) => Assert.Equal(status, ErrorStatus.Of(errorClass));
}
