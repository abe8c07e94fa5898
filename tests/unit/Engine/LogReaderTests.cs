using System.Globalization;
using System.Text;
using Tare.Engine.Logs;

namespace Tare.UnitTests.Engine;

public sealed class LogReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-logs-").FullName;

    private string Log => Path.Combine(_folder, "c-json.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ReadsAllFilesFromTheOldest()
    {
        Write(Log + ".2", 1, 2);
        Write(Log + ".1", 3);
        Write(Log, 4, 5);
        Assert.Equal(["1", "2", "3", "4", "5"], await ReadAsync(new LogOptions()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task TailReachesBackOverRotatedFiles(int tail)
    {
        Write(Log + ".1", 1, 2, 3);
        Write(Log, 4, 5);
        string[] all = ["1", "2", "3", "4", "5"];
        Assert.Equal(all.TakeLast(tail), await ReadAsync(new LogOptions { Tail = tail }));
    }

    [Fact]
    public async Task TailFindsLinesBeyondOneChunk()
    {
        File.WriteAllText(Log, string.Concat(Enumerable.Range(0, 30_000).Select(i => Line(i))));
        Assert.Equal(Enumerable.Range(10_000, 20_000).Select(i => i.ToString(CultureInfo.InvariantCulture)), await ReadAsync(new LogOptions { Tail = 20_000 }));
    }

    [Fact]
    public async Task StreamsAndTimesAreFiltered()
    {
        File.WriteAllText(Log, Line(1) + Line(2, "stderr") + Line(3) + Line(4));
        Assert.Equal(["1", "3", "4"], await ReadAsync(new LogOptions { Stderr = false }));
        Assert.Equal(["2"], await ReadAsync(new LogOptions { Stdout = false }));
        Assert.Equal(["3", "4"], await ReadAsync(new LogOptions { Since = TimeOf(3) }));
        Assert.Equal(["1", "2"], await ReadAsync(new LogOptions { Until = TimeOf(2) }));
    }

    [Fact]
    public async Task DamagedAndTornLinesAreSkipped()
    {
        File.WriteAllText(Log, Line(1) + "garbage\n" + "{\"log\":\"x\"\n" + Line(2) + Line(3)[..20]);
        Assert.Equal(["1", "2"], await ReadAsync(new LogOptions()));
    }

    [Fact]
    public async Task FollowingSurvivesRotationsAndEndsWithTheContainer()
    {
        Write(Log, 1);
        TaskCompletionSource ended = new();
        List<string> seen = [];
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        Task reading = Task.Run(
            async () =>
            {
                await foreach (LogEntry entry in new LogReader(new LogFiles(Log, compact: false), TimeProvider.System).ReadAsync(new LogOptions { Follow = true }, ended.Task, limit.Token))
                {
                    seen.Add(Text(entry));
                }
            },
            limit.Token);
        for (int i = 2; i < 40; i++)
        {
            File.AppendAllText(Log, Line(i));
            if (i % 7 == 0)
            {
                Rotate();
                await Task.Delay(30, limit.Token);
            }
        }

        ended.SetResult();
        await reading;
        Assert.Equal(Enumerable.Range(1, 39).Select(i => i.ToString(CultureInfo.InvariantCulture)), seen);
    }

    [Fact]
    public void TimesAreReadToTheTick()
    {
        Assert.True(LogDecoder.TryParseTime("2026-01-02T15:04:05.123456789Z", out DateTimeOffset time));
        Assert.Equal(1234567, time.Ticks % TimeSpan.TicksPerSecond);
        Assert.True(LogDecoder.TryParseTime("2026-01-02T15:04:05Z", out _));
        Assert.False(LogDecoder.TryParseTime("yesterday", out _));
    }

    [Fact]
    public async Task WithoutFileThereIsNothing() => Assert.Empty(await ReadAsync(new LogOptions { Tail = 5 }));

    private static DateTimeOffset TimeOf(int number) => new(2026, 1, 1, 0, 0, 0, number, TimeSpan.Zero);

    private static string Line(int number, string stream = "stdout") =>
        $"{{\"log\":\"{number}\\n\",\"stream\":\"{stream}\",\"time\":\"{TimeOf(number % 1000):yyyy-MM-ddTHH:mm:ss.fff}000000Z\"}}\n";

    private static string Text(LogEntry entry) => Encoding.UTF8.GetString(entry.Text.Span).TrimEnd('\n');

    private static void Write(string path, params int[] numbers) => File.WriteAllText(path, string.Concat(numbers.Select(n => Line(n))));

    private void Rotate()
    {
        for (int number = 8; number > 0; number--)
        {
            if (File.Exists($"{Log}.{number}"))
            {
                File.Move($"{Log}.{number}", $"{Log}.{number + 1}", overwrite: true);
            }
        }

        File.Move(Log, Log + ".1");
    }

    private async Task<List<string>> ReadAsync(LogOptions options)
    {
        List<string> texts = [];
        await foreach (LogEntry entry in new LogReader(new LogFiles(Log, compact: false), TimeProvider.System).ReadAsync(options, Task.CompletedTask, CancellationToken.None))
        {
            texts.Add(Text(entry));
        }

        return texts;
    }
}
