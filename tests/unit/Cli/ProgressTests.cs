using System.Text;
using Tare.Cli.Client;
using Tare.Cli.Output;

namespace Tare.UnitTests.Cli;

public sealed class ProgressTests
{
    private const string Messages = """
        {"status":"Pulling from library/x","id":"latest"}
        {"status":"Pulling fs layer","progressDetail":{},"id":"aaa"}
        {"status":"Downloading","progressDetail":{"current":500,"total":1000},"id":"aaa"}
        {"status":"Pull complete","progressDetail":{},"id":"aaa"}
        {"status":"Digest: sha256:1"}
        """;

    [Fact]
    public void APipeGetsNoMovingNumbers() => Assert.Equal(
        "latest: Pulling from library/x\naaa: Pulling fs layer\naaa: Pull complete\nDigest: sha256:1\n", Print(terminal: false, Messages));

    [Fact]
    public void ATerminalGetsALineForEachLayer()
    {
        string text = Print(terminal: true, Messages);
        Assert.Contains("\n\e[1A\e[2K\raaa: Pulling fs layer \r\e[1B", text, StringComparison.Ordinal);
        Assert.Contains($"[{new string('=', 25)}>{new string(' ', 25)}]     500B/1kB", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AnErrorInTheStreamEndsIt() => Assert.Equal(
        "no space left on device",
        Assert.Throws<StreamedErrorException>(() => Print(terminal: false, """{"errorDetail":{"message":"no space left on device"},"error":"x"}""")).Message);

    private static string Print(bool terminal, string messages)
    {
        using MemoryStream target = new();
        using MemoryStream source = new(Encoding.UTF8.GetBytes(messages));
        ProgressPrinter.Copy(source, new OutputWriter(target, terminal, static () => 120));
        return Encoding.UTF8.GetString(target.ToArray());
    }
}
