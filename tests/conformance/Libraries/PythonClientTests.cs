namespace Tare.ConformanceTests.Libraries;

/// <summary>docker-py, the library by which Python programs talk to Docker, as Debian ships it.</summary>
public sealed class PythonClientTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    [Fact]
    public void AScriptFindsWhatItExpects()
        => Command.Run("/usr/bin/python3", [Path.Combine(Programs.SourceRoot(), "tests/conformance/Libraries/docker-py.py"), daemon.Socket], timeout: TimeSpan.FromMinutes(1)).Ok();
}
