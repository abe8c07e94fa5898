using Tare.Docker.Endpoints;
using Tare.Docker.Routing;

namespace Tare.UnitTests.Docker;

public sealed class RouteTableTests
{
    private static readonly RouteTable s_table = new(AllRoutes.Create(TimeProvider.System));

    [Theory]
    [InlineData("GET", "/_ping", "/_ping", "")]
    [InlineData("HEAD", "/v1.51/_ping", "/_ping", "")]
    [InlineData("GET", "/v1.24/containers/json", "/containers/json", "")]
    [InlineData("GET", "/containers/abc/json", "/containers/{id}/json", "abc")]
    [InlineData("DELETE", "/v1.51/containers/abc", "/containers/{id*}", "abc")]
    [InlineData("GET", "/v1.51/images/json", "/images/json", "")]
    [InlineData("GET", "/v1.51/images/debian/json", "/images/{name*}/json", "debian")]
    [InlineData("GET", "/v1.51/images/localhost:5000/a/b:c/json", "/images/{name*}/json", "localhost:5000/a/b:c")]
    [InlineData("GET", "/v1.51/images/json/json", "/images/{name*}/json", "json")]
    [InlineData("DELETE", "/images/a/b@sha256:00", "/images/{name*}", "a/b@sha256:00")]
    [InlineData("POST", "/images/create", "/images/create", "")]
    [InlineData("GET", "/v1.51/tare/containers/x/explain", "/tare/containers/{id}/explain", "x")]
    public void FindsTheOperation(string method, string path, string pattern, string name)
    {
        RouteMatch? match = s_table.Find(method, path);

        Assert.NotNull(match);
        Assert.Equal(pattern, match.Route.Pattern);
        Assert.Equal(name, match.Name);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "")]
    [InlineData("GET", "/foo")]
    [InlineData("GET", "/v1.51")]
    [InlineData("GET", "/v1/version")]
    [InlineData("GET", "/containers/abc/json/")]
    [InlineData("GET", "/containers//json")]
    [InlineData("POST", "/_ping")]
    [InlineData("DELETE", "/images/")]
    public void RefusesWhatDockerDoesNotKnow(string method, string path) => Assert.Null(s_table.Find(method, path));

    [Fact]
    public void ReadsTheVersionOfThePath()
    {
        Assert.Equal(new ApiVersion(1, 24), s_table.Find("GET", "/v1.24/version")!.Version);
        Assert.Null(s_table.Find("GET", "/version")!.Version);
    }

    [Fact]
    public void EveryOperationIsFoundByItsOwnPattern() => Assert.All(s_table.Routes, route =>
        Assert.Same(route, s_table.Find(route.Method, "/v1.51" + route.Pattern.Replace("{id}", "0", StringComparison.Ordinal).Replace("{name*}", "a/b", StringComparison.Ordinal).Replace("{name}", "n", StringComparison.Ordinal))!.Route));
}
