using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tare.Linux;
using Tare.Runtime.Shim.Logs;
using Tare.Runtime.Shim.Protocol;

namespace Tare.UnitTests.Runtime.Shim;

public sealed class LogFileWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-log-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 15, 4, 5, 120, TimeSpan.Zero));
    private readonly List<string> _warnings = [];

    private string LogPath => Path.Combine(_folder, "x-json.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // What dockerd 28.5 wrote for the same bytes.
    [Fact]
    public void EntriesAreThoseOfDockersDriver()
    {
        using LogFileWriter log = Open();
        log.Write([.. "a<b\n\ttab \u0001 "u8, 0xff, .. " x\u00a0\nno newline"u8], isError: false);
        log.End(isError: false);
        Assert.Equal(
            """
            {"log":"a\u003cb\n","stream":"stdout","time":"2026-01-02T15:04:05.12Z"}
            {"log":"\u0009tab \u0001 \ufffd x%NBSP%\n","stream":"stdout","time":"2026-01-02T15:04:05.12Z"}
            {"log":"no newline","stream":"stdout","time":"2026-01-02T15:04:05.12Z"}

            """.Replace("%NBSP%", "\u00a0", StringComparison.Ordinal),
            File.ReadAllText(LogPath));
    }

    [Fact]
    public void StreamsAreKeptApartWhileTheirLinesGrow()
    {
        using LogFileWriter log = Open();
        log.Write("out"u8, isError: false);
        log.Write("err\n"u8, isError: true);
        log.Write("put\n"u8, isError: false);
        Assert.Equal(["err\n|stderr", "output\n|stdout"], Entries());
    }

    [Fact]
    public void LongLinesAreCutAt16KiB()
    {
        using LogFileWriter log = Open();
        byte[] line = Encoding.ASCII.GetBytes(new string('b', 20000) + "\n");
        log.Write(line.AsSpan(0, 7), isError: false);
        log.Write(line.AsSpan(7), isError: false);
        Assert.Equal([new string('b', 16384) + "|stdout", new string('b', 3616) + "\n|stdout"], Entries());
    }

    [Fact]
    public void ALineOfExactlyTheBuffersSizeIsFollowedByAnEmptyOne()
    {
        using LogFileWriter log = Open();
        log.Write(Encoding.ASCII.GetBytes(new string('a', 16384)), isError: false);
        log.Write("\n"u8, isError: false);
        Assert.Equal([new string('a', 16384) + "|stdout", "\n|stdout"], Entries());
    }

    [Fact]
    public void FilesAreRotatedAndTheOldestIsDropped()
    {
        using LogFileWriter log = Open(maxSize: 100, maxFiles: 3);
        for (int i = 0; i < 10; i++)
        {
            log.Write(Encoding.ASCII.GetBytes($"line {i} with some length\n"), isError: false);
        }

        Assert.Equal(["x-json.log", "x-json.log.1", "x-json.log.2"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        Assert.Contains("line 9", File.ReadAllText(LogPath), StringComparison.Ordinal);
        Assert.Contains("line 6", File.ReadAllText(LogPath + ".1"), StringComparison.Ordinal);
        Assert.Contains("line 4", File.ReadAllText(LogPath + ".2"), StringComparison.Ordinal);
    }

    [Fact]
    public void OneFileIsTruncated()
    {
        using LogFileWriter log = Open(maxSize: 100, maxFiles: 1);
        for (int i = 0; i < 5; i++)
        {
            log.Write(Encoding.ASCII.GetBytes($"line {i} with some length\n"), isError: false);
        }

        Assert.Equal([LogPath], Directory.GetFiles(_folder));
        Assert.DoesNotContain("line 0", File.ReadAllText(LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public void AnExistingFileIsContinuedAndCounts()
    {
        File.WriteAllText(LogPath, new string('x', 200) + "\n");
        using LogFileWriter log = Open(maxSize: 100, maxFiles: 2);
        log.Write("new\n"u8, isError: false);
        Assert.StartsWith("xxx", File.ReadAllText(LogPath + ".1"), StringComparison.Ordinal);
        Assert.Equal(["new\n|stdout"], Entries());
    }

    [Fact]
    public void AMissingFolderIsAnError() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => new LogFileWriter(new ShimLog { Path = _folder + "/no/log" }, _clock, _warnings.Add)).Errno);

    private LogFileWriter Open(long maxSize = 10 << 20, int maxFiles = 5) =>
        new(new ShimLog { Path = LogPath, MaxSizeBytes = maxSize, MaxFiles = maxFiles }, _clock, _warnings.Add);

    private string[] Entries() => [.. File.ReadLines(LogPath).Select(line =>
    {
        System.Text.Json.JsonElement entry = System.Text.Json.JsonDocument.Parse(line).RootElement;
        return entry.GetProperty("log").GetString() + "|" + entry.GetProperty("stream").GetString();
    })];
}
