using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Tare.Cli.Containers;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.UnitTests.Cli;

public sealed class TableTests
{
    private const string Container = """
        {"Id":"27f58e9cac08d2e41aa69eb388517f458990bd1ada4622b559cd100f32094a0a","Names":["/web"],"Image":"busybox","ImageID":"sha256:7218e25e16376bfe",
         "Command":"sh -c 'echo out; echo err >&2; sleep 1000'","Created":999880,"State":"running","Status":"Up 2 minutes","Labels":{"a":"b"},
         "Ports":[{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"PrivatePort":90,"Type":"udp"}],
         "SizeRw":5,"SizeRootFs":1984172,"Mounts":[],"NetworkSettings":{"Networks":{"bridge":{}}}}
        """;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_000_000));

    [Fact]
    public void ContainersAreListedAsDockerListsThem()
    {
        const string Columns = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
        Assert.Equal(
            "CONTAINER ID   IMAGE     COMMAND                  CREATED         STATUS         PORTS                                             NAMES\n"
            + "27f58e9cac08   busybox   \"sh -c 'echo out; ec…\"   2 minutes ago   Up 2 minutes   90/udp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp   web\n",
            Render(Columns, ""));
    }

    [Theory]
    [InlineData("{{.Names}}: {{.Size}} {{.Label \"a\"}} {{.Labels}} {{.Networks}}", "web: 5B (virtual 1.98MB) b a=b bridge\n")]
    [InlineData("table {{.Names}}\\t{{.Label \"a\"}}", "NAMES     a\nweb       b\n")]
    public void TemplatesChooseTheCells(string format, string expected) => Assert.Equal(expected, Render("", format));

    [Fact]
    public void AnUnknownCellIsNamed() => Assert.Contains(
        "can't evaluate field Foo in type *formatter.ContainerContext", Assert.Throws<TemplateException>(() => Render("", "{{.Foo}}")).Message, StringComparison.Ordinal);

    [Fact]
    public void AnImageHasARowForEachTag()
    {
        using JsonDocument image = JsonDocument.Parse(
            """{"Id":"sha256:7218e25e16376bfeb8","RepoTags":["busybox:latest","localhost:5000/b:1"],"RepoDigests":[],"Created":999999,"Size":1984172}""");
        List<TemplateRow> rows = [.. ImageRow.From(image.RootElement, truncate: true, withDigests: false, _clock)];
        string text = new RowTable("ImageContext", ImageRow.Headers, "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}").Render("", rows);
        Assert.Equal(
            "REPOSITORY         TAG       IMAGE ID       CREATED        SIZE\n"
            + "busybox            latest    7218e25e1637   1 second ago   1.98MB\n"
            + "localhost:5000/b   1         7218e25e1637   1 second ago   1.98MB\n",
            text);
    }

    [Fact]
    public void NeighbouringPortsAreDrawnTogether()
    {
        using JsonDocument ports = JsonDocument.Parse(
            """[{"IP":"0.0.0.0","PrivatePort":8000,"PublicPort":8000,"Type":"tcp"},{"IP":"0.0.0.0","PrivatePort":8001,"PublicPort":8001,"Type":"tcp"},{"PrivatePort":53,"Type":"udp"}]""");
        Assert.Equal("53/udp, 0.0.0.0:8000-8001->8000-8001/tcp", PortText.Format(ports.RootElement.EnumerateArray()));
    }

    [Fact]
    public void PortsStandInDockersOrder()
    {
        // As docker 28.5 prints: -p 9000-9001:9000-9001 -p 9100:9002 --expose 9003 -p 9010-9011:9010-9011/udp.
        using JsonDocument ports = JsonDocument.Parse(
            """
            [{"IP":"0.0.0.0","PrivatePort":9000,"PublicPort":9000,"Type":"tcp"},{"IP":"::","PrivatePort":9000,"PublicPort":9000,"Type":"tcp"},
             {"IP":"0.0.0.0","PrivatePort":9001,"PublicPort":9001,"Type":"tcp"},{"IP":"::","PrivatePort":9001,"PublicPort":9001,"Type":"tcp"},
             {"IP":"0.0.0.0","PrivatePort":9002,"PublicPort":9100,"Type":"tcp"},{"IP":"::","PrivatePort":9002,"PublicPort":9100,"Type":"tcp"},
             {"PrivatePort":9003,"Type":"tcp"},
             {"IP":"0.0.0.0","PrivatePort":9010,"PublicPort":9010,"Type":"udp"},{"IP":"0.0.0.0","PrivatePort":9011,"PublicPort":9011,"Type":"udp"}]
            """);
        Assert.Equal(
            "0.0.0.0:9000-9001->9000-9001/tcp, [::]:9000-9001->9000-9001/tcp, 9003/tcp, 0.0.0.0:9010-9011->9010-9011/udp, 0.0.0.0:9100->9002/tcp, [::]:9100->9002/tcp",
            PortText.Format(ports.RootElement.EnumerateArray()));
    }

    [Fact]
    public void NumbersInTextsAreOrderedByTheirValue() => Assert.Equal(
        ["80/tcp -> 0.0.0.0:90", "80/tcp -> 0.0.0.0:8095", "80/tcp -> [::]:8095", "443/udp -> 0.0.0.0:32768"],
        new[] { "443/udp -> 0.0.0.0:32768", "80/tcp -> [::]:8095", "80/tcp -> 0.0.0.0:8095", "80/tcp -> 0.0.0.0:90" }.Order(NaturalOrder.Instance));

    [Fact]
    public void JsonIsIndentedWithoutTouchingItsTexts() => Assert.Equal(
        "{\n    \"a\": [\n        1,\n        \"x\\u003e{,:\"\n    ],\n    \"b\": {},\n    \"c\": []\n}", RawJson.Indent("{\"a\":[1,\"x\\u003e{,:\"],\"b\":{},\"c\":[ ]}", 0));

    private string Render(string columns, string format)
    {
        using JsonDocument container = JsonDocument.Parse(Container);
        return new RowTable("ContainerContext", ContainerRow.Headers, columns).Render(format, [ContainerRow.From(container.RootElement, truncate: true, _clock)]);
    }
}
