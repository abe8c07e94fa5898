using System.Globalization;
using Tare.Engine.Logs;

namespace Tare.UnitTests.Engine.Logs;

/// <summary>What a slow follower has not come to yet, while rotations delete it.</summary>
public sealed class LogPinsTests : IDisposable
{
    private const int Kept = 2;
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-pins-").FullName;
    private int _written;

    private string Log => _folder + "/c-json.log";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FilesThatAreDeletedMeanwhileAreStillRead()
    {
        Write();
        LogFiles files = new(Log, compact: false);
        using LogPins pins = new(files, TimeProvider.System);
        using LogFile first = files.TryOpen(0)!;
        pins.Watch(first.Identity);
        for (int i = 0; i < 10; i++)
        {
            Rotate();
            pins.Pin();
        }

        Assert.Equal(Enumerable.Range(0, 11).Select(Text), ReadChain(pins, first));
    }

    [Fact]
    public void SeveralRotationsBetweenTwoLooksAreNoGap()
    {
        Write();
        LogFiles files = new(Log, compact: false);
        using LogPins pins = new(files, TimeProvider.System);
        using LogFile first = files.TryOpen(0)!;
        pins.Watch(first.Identity);
        for (int i = 0; i < 3; i++)
        {
            Rotate();
            Rotate();
            pins.Pin();
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(Text), ReadChain(pins, first));
    }

    [Fact]
    public void AGapEndsTheChainInsteadOfPassingOverFiles()
    {
        Write();
        LogFiles files = new(Log, compact: false);
        using LogPins pins = new(files, TimeProvider.System);
        using LogFile first = files.TryOpen(0)!;
        pins.Watch(first.Identity);
        for (int i = 0; i < Kept + 2; i++)
        {
            Rotate();
        }

        pins.Pin();
        Assert.Equal(["0"], ReadChain(pins, first));
    }

    [Fact]
    public void NoMoreThanTheMostAreHeld()
    {
        Write();
        LogFiles files = new(Log, compact: false);
        using LogPins pins = new(files, TimeProvider.System);
        using LogFile first = files.TryOpen(0)!;
        pins.Watch(first.Identity);
        int before = Descriptors();
        for (int i = 0; i < LogPins.MostFiles + 20; i++)
        {
            Rotate();
            pins.Pin();
        }

        Assert.InRange(Descriptors() - before, 1, LogPins.MostFiles);
        pins.Dispose();
        Assert.InRange(Descriptors(), 0, before);
    }

    private int Descriptors() => Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith(_folder, StringComparison.Ordinal) == true);

    private static List<string> ReadChain(LogPins pins, LogFile first)
    {
        List<string> texts = [];
        LogFile? file = first;
        while (file is not null)
        {
            while (file.TryRead(out LogEntry entry))
            {
                texts.Add(System.Text.Encoding.UTF8.GetString(entry.Text.Span).TrimEnd());
            }

            LogFile? next = pins.TakeAfter(file.Identity);
            if (file != first)
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
