using System.Globalization;
using Tare.Engine.Logs;

namespace Tare.UnitTests.Engine.Logs;

/// <summary>What a slow follower has not come to yet, while rotations delete it.</summary>
public sealed class LogPinsTests : IDisposable
{
    private const int Kept = 2;
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-pins-").FullName;
    private readonly LogPins _pins;
    private readonly LogFile _first;
    private int _written;

    public LogPinsTests()
    {
        Write();
        LogFiles files = new(Log, compact: false);
        _pins = new LogPins(files, TimeProvider.System);
        _first = files.TryOpen(0)!;
        _pins.Watch(_first.Identity);
    }

    private string Log => _folder + "/c-json.log";

    public void Dispose()
    {
        _pins.Dispose();
        _first.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void FilesThatAreDeletedMeanwhileAreStillRead()
    {
        for (int i = 0; i < 10; i++)
        {
            Rotate();
            _pins.Pin();
        }

        Assert.Equal(Enumerable.Range(0, 11).Select(Text), ReadChain());
    }

    [Fact]
    public void SeveralRotationsBetweenTwoLooksAreNoGap()
    {
        for (int i = 0; i < 3; i++)
        {
            Rotate();
            Rotate();
            _pins.Pin();
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(Text), ReadChain());
    }

    [Fact]
    public void AGapEndsTheChainInsteadOfPassingOverFiles()
    {
        for (int i = 0; i < Kept + 2; i++)
        {
            Rotate();
        }

        _pins.Pin();
        Assert.Equal(["0"], ReadChain());
    }

    [Fact]
    public void NoMoreThanTheMostAreHeld()
    {
        int before = Descriptors();
        for (int i = 0; i < LogPins.MostFiles + 20; i++)
        {
            Rotate();
            _pins.Pin();
        }

        Assert.InRange(Descriptors() - before, 1, LogPins.MostFiles);
        _pins.Dispose();
        Assert.InRange(Descriptors(), 0, before);
    }

    private int Descriptors() => Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith(_folder, StringComparison.Ordinal) == true);

    private List<string> ReadChain()
    {
        List<string> texts = [];
        LogFile? file = _first;
        while (file is not null)
        {
            while (file.TryRead(out LogEntry entry))
            {
                texts.Add(System.Text.Encoding.UTF8.GetString(entry.Text.Span).TrimEnd());
            }

            LogFile? next = _pins.TakeAfter(file.Identity);
            if (file != _first)
            {
                file.Dispose();
            }

            file = next;
        }

        return texts;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Write() => File.WriteAllText(Log, $"{{\"log\":\"{_written++}\\n\",\"stream\":\"stdout\",\"time\":\"2024-01-02T03:04:05Z\"}}\n");

    private void Rotate()
    {
        File.Delete($"{Log}.{Kept}");
        for (int number = Kept - 1; number >= 0; number--)
        {
            string name = number == 0 ? Log : $"{Log}.{number}";
            if (File.Exists(name))
            {
                File.Move(name, $"{Log}.{number + 1}");
            }
        }

        Write();
    }
}
