using System.Runtime.CompilerServices;

namespace Tare.Engine.Logs;

/// <summary>
/// Reads a container's log over all its files: <c>PATH.4.gz</c> … <c>PATH.1</c>, then <c>PATH</c>. It reads while the shim appends and rotates, and misses and doubles nothing, however slowly it is read (<see cref="LogPins"/>):
/// <code>
/// at the end of a file: still named PATH?   yes: wait for more, or end
///                                           no:  it was rotated to PATH.k; read its rest, go on with PATH.(k-1), or PATH when k is 1
/// </code>
/// </summary>
/// <param name="files">The files.</param>
/// <param name="time">The clock.</param>
internal sealed class LogReader(LogFiles files, TimeProvider time)
{
    private LogFile? _file;

    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(160);

    /// <summary>The place behind the last entry that was given; null before there is a file.</summary>
    public LogCursor? Cursor => _file is { } file ? new LogCursor(file.Identity, file.Offset) : null;

    /// <summary>Gives the entries that the options ask for.</summary>
    /// <param name="options">Which.</param>
    /// <param name="ended">Ends when the container has; completed for one that does not run. Following ends after it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<LogEntry> ReadAsync(LogOptions options, Task ended, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using LogPins? pins = options.Follow ? new LogPins(files, time) : null;
        LogFile? file = _file = options.From is { } from ? files.TryOpen(from) : Begin(options.Tail);
        try
        {
            TimeSpan wait = s_shortestWait;
            while (true)
            {
                // Looked at before the read: what is there after the end is all there will ever be.
                bool last = !options.Follow || ended.IsCompleted || options.Until <= time.GetUtcNow();
                file = _file ??= files.TryOpen(0);

                // Looked at before the read too: what a rotated file holds at its end is complete.
                bool rotated = file is not null && file.CurrentPath() != files.Current;
                if (file is not null)
                {
                    pins?.Watch(file.Identity);
                }

                while (file is not null && file.TryRead(out LogEntry entry))
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

                pins?.Rest();
                if (rotated && (pins?.TakeAfter(file!.Identity) ?? files.Successor(file!)) is { } next)
                {
                    file!.Dispose();
                    file = _file = next;
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
        LogFile? file = files.TryOpen(0) ?? files.TryOpen(1);
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

            LogFile? older = files.Neighbour(file, 1);
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
        file.TryRead(out _);
    }
}
