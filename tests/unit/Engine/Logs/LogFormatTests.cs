using System.Text;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Logs;
using Tare.Engine.Logs.Targets;
using Tare.Runtime.Shim.Logs;
using Tare.Runtime.Shim.Protocol;

namespace Tare.UnitTests.Engine.Logs;

public sealed class LogFormatTests : IDisposable
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 2, 15, 4, 5, 120, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-logs-").FullName;

    private string Log => Path.Combine(_folder, "container.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatTheShimWritesIsReadOverRotationAndCompression(bool compact)
    {
        using (LogFileWriter writer = new(new ShimLog { Path = Log, Compact = compact, MaxSizeBytes = 4000, MaxFiles = 100 }, TimeProvider.System, Assert.Fail))
        {
            for (int i = 0; i < 1000; i++)
            {
                writer.Write(Encoding.UTF8.GetBytes($"{i} \"ä\"\t<&>\r\n"), isError: i % 3 == 0);
                if (i % 100 == 99)
                {
                    LogCompressor.Compress(Log);
                }
            }
        }

        Assert.NotEmpty(Directory.GetFiles(_folder, "*.gz"));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i} \"ä\"\t<&>\r\n"), await ReadAsync(new LogOptions(), compact));
        Assert.Equal(Enumerable.Range(900, 100).Select(i => $"{i} \"ä\"\t<&>\r\n"), await ReadAsync(new LogOptions { Tail = 100 }, compact));
        LogCursor middle = await CursorAfterAsync(500, compact);
        LogCompressor.Compress(Log);
        Assert.Equal(Enumerable.Range(500, 500).Select(i => $"{i} \"ä\"\t<&>\r\n"), await ReadAsync(new LogOptions { From = middle }, compact));
    }

    [Fact]
    public async Task ATornCompactEntryIsCutOffWhenTheNextRunBegins()
    {
        Write("one\n"u8, "two\n"u8);
        byte[] bytes = File.ReadAllBytes(Log);
        File.WriteAllBytes(Log, bytes[..^3]);
        Assert.Equal(["one\n"], await ReadAsync(new LogOptions(), compact: true));
        Assert.Equal(["one\n"], await ReadAsync(new LogOptions { Tail = 5 }, compact: true));
        Write("three\n"u8, "four"u8);
        Assert.Equal(["one\n", "three\n", "four"], await ReadAsync(new LogOptions(), compact: true));
    }

    [Fact]
    public void AttributesStandBetweenStreamAndTimeAsInDockersLines()
    {
        JsonLogEncoder encoder = new("{\"a\":\"1\"}");
        encoder.Add("x"u8, isWhole: true, isError: false, s_time);
        Assert.Equal("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"attrs\":{\"a\":\"1\"},\"time\":\"2026-01-02T15:04:05.12Z\"}\n", Encoding.UTF8.GetString(encoder.Bytes));
        Assert.True(new LogDecoder().TryDecode(encoder.Bytes[..^1].ToArray(), out LogEntry entry));
        Assert.Equal(("x\n", "{\"a\":\"1\"}", s_time), (Encoding.UTF8.GetString(entry.Text.Span), Encoding.UTF8.GetString(entry.Attributes.Span), entry.Time));
    }

    [Theory]
    [InlineData("{\"log\":\"a\\u0041\\u20ac\\\\\\\"\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T15:04:05Z\"}", "aA€\\\"\n")]
    [InlineData("{ \"log\" : \"\\ud83d\\ude00\", \"stream\":\"stderr\", \"time\":\"2026-01-02T15:04:05Z\"}", "😀")]
    [InlineData("{\"log\":\"\\ud83d\\ude00\",\"stream\":\"stderr\",\"time\":\"2026-01-02T15:04:05Z\"}", "😀")]
    [InlineData("{\"stream\":\"stderr\",\"time\":\"2026-01-02T15:04:05Z\",\"log\":\"x\"}", "x")]
    public void LinesOfOthersAreReadToo(string line, string text)
    {
        Assert.True(new LogDecoder().TryDecode(Encoding.UTF8.GetBytes(line), out LogEntry entry));
        Assert.Equal((text, true), (Encoding.UTF8.GetString(entry.Text.Span), entry.IsError));
    }

    [Fact]
    public void SyslogMessagesHaveDockersForms()
    {
        TargetEntry entry = new(IsError: true, s_time, "text"u8.ToArray(), null);
        string Message(string format) => Encoding.UTF8.GetString(new SyslogTarget(Subject("syslog", ("syslog-format", format), ("syslog-address", "udp://h"), ("tag", "t")), Options(("syslog-format", format), ("syslog-address", "udp://h"))).Format(entry));
        DateTimeOffset local = s_time.ToLocalTime();
        Assert.Matches(@"^<27>Jan  \d \d\d:\d\d:05 t\[\d+\]: text\n$", Message(""));
        Assert.Matches(@"^<27>Jan  \d \d\d:\d\d:05 \S+ t\[\d+\]: text\n$", Message("rfc3164"));
        Assert.Matches($@"^<27>1 {local:yyyy-MM-dd}T\d\d:\d\d:05\S+ \S+ t \d+ t - text\n$", Message("rfc5424"));
        Assert.Matches(@"^<27>1 \S+:05\.120000\S+ \S+ t \d+ t - text\n$", Message("rfc5424micro"));
    }

    [Fact]
    public void JournalFieldsWithLineFeedsCarryTheirLength()
    {
        JournaldTarget target = new(Subject("journald", ("labels", "my.label")) with { Config = new ContainerConfig { Image = "img", Labels = new() { ["my.label"] = "a\nb" } } });
        string message = Encoding.Latin1.GetString(target.Format(new TargetEntry(false, s_time, "text"u8.ToArray(), new LinePart("id", 2, IsLast: true))));
        Assert.Contains("MY_LABEL\n\u0003\0\0\0\0\0\0\0a\nb\n", message, StringComparison.Ordinal);
        Assert.Contains("CONTAINER_NAME=name\n", message, StringComparison.Ordinal);
        Assert.Contains("PRIORITY=6\n", message, StringComparison.Ordinal);
        Assert.Contains("CONTAINER_PARTIAL_LAST=true\n", message, StringComparison.Ordinal);
        Assert.EndsWith("MESSAGE=text\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void GelfIsCutIntoChunksThatFitAFrame()
    {
        List<byte[]> chunks = GelfTarget.Chunks(new byte[3000]);
        Assert.Equal([1420, 1420, 196], chunks.Select(c => c.Length));
        Assert.Equal([0x1e, 0x0f, 2, 3], (byte[])[chunks[2][0], chunks[2][1], chunks[2][10], chunks[2][11]]);
        Assert.Single(GelfTarget.Chunks(new byte[1420]));
    }

    [Theory]
    [InlineData("{{.Name}}-{{ .ID }}", "name-000000000000")]
    [InlineData("{{.Name | upper}}", "NAME")]
    [InlineData("plain", "plain")]
    public void TagsAreFilled(string tag, string text) => Assert.Equal(text, LogTag.Of(Subject("syslog", ("tag", tag)), "{{.ID}}"));

    [Theory]
    [InlineData("{{.Bad}}")]
    [InlineData("{{.Name | nosuch}}")]
    [InlineData("{{")]
    public void WrongTagsAreRefused(string tag) => Assert.Throws<EngineException>(() => LogTag.Check(tag));

    private static LogSubject Subject(string driver, params (string Name, string Value)[] options) => new(
        new string('0', 64), "name", "sha256:1234567890", s_time, ["sh"], new ContainerConfig { Image = "img" }, new LogConfig { Type = driver, Config = options.ToDictionary(o => o.Name, o => o.Value) });

    private static LogOptionReader Options(params (string Name, string Value)[] options) => new(options.ToDictionary(o => o.Name, o => o.Value));

    private void Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using LogFileWriter writer = new(new ShimLog { Path = Log, Compact = true }, TimeProvider.System, Assert.Fail);
        writer.Write(first, isError: false);
        writer.Write(second, isError: false);
        writer.End(isError: false);
    }

    private async Task<LogCursor> CursorAfterAsync(int count, bool compact)
    {
        LogReader reader = new(new LogFiles(Log, compact), TimeProvider.System);
        await foreach (LogEntry _ in reader.ReadAsync(new LogOptions(), Task.CompletedTask, CancellationToken.None))
        {
            if (--count == 0)
            {
                return reader.Cursor!.Value;
            }
        }

        throw new InvalidOperationException("too few entries");
    }

    private async Task<List<string>> ReadAsync(LogOptions options, bool compact)
    {
        List<string> texts = [];
        await foreach (LogEntry entry in new LogReader(new LogFiles(Log, compact), TimeProvider.System).ReadAsync(options, Task.CompletedTask, CancellationToken.None))
        {
            texts.Add(Encoding.UTF8.GetString(entry.Text.Span));
        }

        return texts;
    }
}
