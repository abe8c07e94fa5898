using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Tare.Docker.Streams;
using Tare.Engine.Logs;

namespace Tare.UnitTests.Docker;

public sealed class StreamWritingTests
{
    [Fact]
    public void WritesAFrame()
    {
        ArrayBufferWriter<byte> output = new();
        FrameWriter.Write(output, true, "a"u8, "bc"u8);
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c'], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void WritesLongFramesBigEndian()
    {
        ArrayBufferWriter<byte> output = new();
        FrameWriter.Write(output, false, [], new byte[0x010203]);
        Assert.Equal([1, 0, 0, 0, 0, 1, 2, 3], output.WrittenSpan[..8].ToArray());
    }

    [Theory]
    [InlineData(false, false, false, "one\ntwo\n")]
    [InlineData(false, true, false, "2026-01-02T03:04:05.000000000Z one\n2026-01-02T03:04:06.000000000Z two\n")]
    [InlineData(false, true, true, "2026-01-02T03:04:05.000000000Z  one\n2026-01-02T03:04:06.000000000Z  two\n")]
    [InlineData(false, false, true, " one\n two\n")]
    [InlineData(true, false, false, "\u0001\0\0\0\0\0\0\u0004one\n\u0002\0\0\0\0\0\0\u0004two\n")]
    public async Task WritesLogs(bool isMultiplexed, bool timestamps, bool details, string expected)
    {
        using MemoryStream stream = new();
        await new LogWriter(PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)), isMultiplexed, timestamps, details).WriteAsync(Entries(), TestContext.Current.CancellationToken);
        Assert.Equal(expected, Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static async IAsyncEnumerable<LogEntry> Entries()
    {
        DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        yield return new LogEntry(false, time, "one\n"u8.ToArray());
        await Task.Yield();
        yield return new LogEntry(true, time.AddSeconds(1), "two\n"u8.ToArray());
    }
}
