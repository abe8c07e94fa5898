using System.Globalization;
using System.Runtime.CompilerServices;

namespace Tare.Engine.Logs;

/// <summary>
/// Reads a container's log over all its files: <c>PATH.4</c> … <c>PATH.1</c>, then <c>PATH</c>. It reads while the shim appends and rotates, and misses and doubles nothing:
/// <code>
/// at the end of a file: still named PATH?   yes: wait for more, or end
///                                           no:  it was rotated to PATH.k; read its rest, go on with PATH.(k-1), or PATH when k is 1
/// </code>
/// </summary>
/// <param name="path">Path of the current file.</param>
/// <param name="time">The clock.</param>
internal sealed class LogReader(string path, TimeProvider time)
{
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(160);

    /// <summary>Gives the entries that the options ask for.</summary>
    /// <param name="options">Which.</param>
    /// <param name="ended">Ends when the container has; completed for one that does not run. Following ends after it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<LogEntry> ReadAsync(LogOptions options, Task ended, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LogFile? file = Begin(options.Tail);
        try
        {
            TimeSpan wait = s_shortestWait;
            while (true)
            {
                // Looked at before the read: what is there after the end is all there will ever be.
                bool last = !options.Follow || ended.IsCompleted || options.Until <= time.GetUtcNow();
                file ??= LogFile.TryOpen(path);

                // Looked at before the read too: what a rotated file holds at its end is complete.
                bool rotated = file is not null && file.CurrentPath() != path;
                while (file is not null && TryNext(file, out LogEntry entry))
                {
                    wait = s_shortestWait;
                    if (entry.Time > options.Until)
                    {
                        yield break;
                    }

                    if ((entry.IsError ? options.Stderr : options.Stdout) && !(entry.Time < options.Since))
                    {
                        yield return entry;
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                }

                if (rotated && Successor(file!) is { } next)
                {
                    file!.Dispose();
                    file = next;
                    continue;
                }

                if (last)
                {
                    yield break;
                }

                await WaitAsync(wait, ended, cancellationToken);
                wait = wait < s_longestWait ? wait * 2 : s_longestWait;
            }
        }
        finally
        {
            file?.Dispose();
        }
    }

    private static bool TryNext(LogFile file, out LogEntry entry)
    {
        while (file.TryReadLine(out ReadOnlySpan<byte> line))
        {
            if (LogDecoder.TryDecode(line, out entry))
            {
                return true;
            }
        }

        entry = default;
        return false;
    }

    private async Task WaitAsync(TimeSpan wait, Task ended, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(ended, Task.Delay(wait, time, timer.Token));
        await timer.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Opens the file in which the reading begins, at the right place; null when there is none yet.</summary>
    private LogFile? Begin(int? tail)
    {
        int lines = tail ?? int.MaxValue;
        LogFile? file = LogFile.TryOpen(path) ?? LogFile.TryOpen(NameOf(1));
        if (lines == 0)
        {
            SeekToEnd(file);
            return file;
        }

        while (file is not null)
        {
            long offset = tail is null ? 0 : file.OffsetOfLast(ref lines);
            file.Seek(offset);
            if (offset > 0 || lines <= 0)
            {
                return file;
            }

            LogFile? older = Neighbour(file, 1);
            if (older is null)
            {
                return file;
            }

            file.Dispose();
            file = older;
        }

        return null;
    }

    private static void SeekToEnd(LogFile? file)
    {
        if (file is null)
        {
            return;
        }

        int one = 1;
        file.Seek(file.OffsetOfLast(ref one));
        file.TryReadLine(out _);
    }

    /// <summary>The file that follows a rotated one; null while the file is the current one.</summary>
    private LogFile? Successor(LogFile file)
    {
        if (file.CurrentPath() is not null)
        {
            return Neighbour(file, -1);
        }

        // It was deleted as the oldest; the oldest that is left follows, unless rotations went on meanwhile and took that too.
        return LogFile.TryOpen(NameOf(OldestNumber()));
    }

    /// <summary>Opens the file that is one older (1) or younger (-1); null when there is none.</summary>
    private LogFile? Neighbour(LogFile file, int step)
    {
        while (true)
        {
            // Where the file is now, not where it was opened: a rotation may have moved it, and may move it while the neighbour is opened.
            string? now = file.CurrentPath();
            int number = NumberOf(now);
            LogFile? neighbour = number < 0 || number + step < 0 ? null : LogFile.TryOpen(NameOf(number + step));
            if (file.CurrentPath() == now)
            {
                return neighbour;
            }

            neighbour?.Dispose();
        }
    }

    private int OldestNumber()
    {
        int number = 0;
        while (File.Exists(NameOf(number + 1)))
        {
            number++;
        }

        return number;
    }

    private string NameOf(int number) => number == 0 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");

    /// <summary>The number in a file's name: 0 for the current one; -1 for a deleted or foreign one.</summary>
    private int NumberOf(string? name)
    {
        if (name == path)
        {
            return 0;
        }

        return name is not null && name.StartsWith(path + ".", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(path.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : -1;
    }
}
