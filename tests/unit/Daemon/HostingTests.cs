using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tare.Daemon.Hosting;
using Tare.Daemon.Logging;
using Tare.Daemon.Options;

namespace Tare.UnitTests.Daemon;

public sealed class HostingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void UnixSocketsAreForOwnerAndGroupAndGoWithTheDaemon()
    {
        string path = Path.Combine(_folder, "sub", "s.sock");
        using (Assert.Single(ListeningSocket.Bind(ListenAddress.Parse("unix://" + path), null)))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(path));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void AStaleSocketIsReplacedAndALivingOneIsNot()
    {
        string path = Path.Combine(_folder, "s.sock");
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
            dead.Listen();
            OptionException error = Assert.Throws<OptionException>(() => ListeningSocket.Bind(ListenAddress.Parse("unix://" + path), null));
            Assert.Contains("another process answers there", error.Message, StringComparison.Ordinal);
            // Closing removes the file of this name; a killed process leaves it.
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
        ListeningSocket.Bind(ListenAddress.Parse("unix://" + path), null)[0].Dispose();
    }

    [Fact]
    public void NoSocketsOfSystemdIsAFault() => Assert.Contains(
        "no sockets found via socket activation", Assert.Throws<OptionException>(() => ListeningSocket.Bind(ListenAddress.Parse("fd://"), null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task MemoryIsGivenBackOnceAfterTheLastRequest()
    {
        FakeTimeProvider time = new();
        int released = 0;
        await using IdleMemory memory = new(_ => Task.CompletedTask, time, () => released++);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, released);
        await memory.InvokeAsync(new DefaultHttpContext());
        time.Advance(TimeSpan.FromSeconds(3));
        await memory.InvokeAsync(new DefaultHttpContext());
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(0, released);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, released);
    }

    [Fact]
    public void LogLinesAreLogfmt()
    {
        using MemoryStream output = new();
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        using LogfmtProvider provider = new(output, time);
        LogfmtLogger logger = new(provider, "tared");
        List<KeyValuePair<string, object?>> state = [new("Path", "/a b"), new("{OriginalFormat}", "x")];
        logger.Log(LogLevel.Warning, default, state, null, (_, _) => "said \"no\"\n");
        Assert.Equal("time=2026-01-02T03:04:05.0000000Z level=warning msg=\"said \\\"no\\\"\\n\" source=tared path=\"/a b\"\n", Encoding.UTF8.GetString(output.ToArray()));
    }
}
