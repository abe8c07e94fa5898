namespace Tare.Engine.Logs;

/// <summary>
/// Holds the files of a log that a follower has not come to yet. While its client takes what it was given, rotations go on, and delete the oldest file at last: an open descriptor keeps
/// its content. At most <see cref="MostFiles"/> are held; a client that falls behind further misses what the files would hold that are gone by then. Any thread.
/// </summary>
internal sealed class LogPins : IDisposable
{
    /// <summary>Files that are held for one follower.</summary>
    public const int MostFiles = 64;

    // Far less than the time in which the files that stay on the disk are written anew.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);
    private readonly LogFiles _files;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly List<(LogIdentity Identity, LogFile? File)> _chain = []; // guarded by _lock: the file that is read, then those after it without a gap
    private bool _isWatching; // guarded by _lock

    /// <summary>Makes them; nothing is held before <see cref="Watch"/>.</summary>
    public LogPins(LogFiles files, TimeProvider time)
    {
        _files = files;
        _timer = time.CreateTimer(static state => ((LogPins)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins to hold what follows a file, from now until <see cref="Rest"/>.</summary>
    /// <param name="reading">The file that the follower reads.</param>
    public void Watch(LogIdentity reading)
    {
        lock (_lock)
        {
            if (!_chain.Exists(entry => entry.Identity == reading))
            {
                Clear();
                _chain.Add((reading, null));
            }

            _isWatching = true;
            _timer.Change(s_interval, s_interval);
        }
    }

    /// <summary>Stops looking for new files; what is held stays. The follower has read everything and looks itself.</summary>
    public void Rest()
    {
        lock (_lock)
        {
            _isWatching = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The file that follows another, to be read from its beginning; null when it is not held.</summary>
    public LogFile? TakeAfter(LogIdentity identity)
    {
        lock (_lock)
        {
            int place = _chain.FindIndex(entry => entry.Identity == identity);
            if (place < 0 || place + 1 >= _chain.Count || _chain[place + 1].File is not { } next)
            {
                return null;
            }

            for (int i = 0; i <= place; i++)
            {
                _chain[i].File?.Dispose();
            }

            _chain[place + 1] = (_chain[place + 1].Identity, null);
            _chain.RemoveRange(0, place + 1);
            return next;
        }
    }

    /// <summary>Takes hold of the files that came since the last look.</summary>
    public void Pin()
    {
        lock (_lock)
        {
            if (_chain.Count == 0)
            {
                return;
            }

            List<(LogIdentity Identity, LogFile? File)> newer = [];
            for (int number = 0; _chain.Count + newer.Count <= MostFiles; number++)
            {
                // One that is compressed already is unpacked only if nobody has it.
                bool isEnd = _files.IdentityOf(number) == _chain[^1].Identity;
                LogFile? file = isEnd ? null : _files.TryOpen(number);
                if (isEnd || file?.Identity == _chain[^1].Identity)
                {
                    file?.Dispose();
                    newer.Reverse();
                    _chain.AddRange(newer);
                    return;
                }

                if (file is null)
                {
                    // The chain has a gap: what is held would be given without what lies between.
                    break;
                }

                // A rotation meanwhile shows the same file again, under the next number.
                if (newer.Exists(entry => entry.Identity == file.Identity))
                {
                    file.Dispose();
                }
                else
                {
                    newer.Add((file.Identity, file));
                }
            }

            newer.ForEach(entry => entry.File!.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isWatching = false;
            Clear();
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (!_isWatching)
            {
                return;
            }
        }

        try
        {
            Pin();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Tare.Linux.LinuxException)
        {
            // Tried again at the next look; the follower itself meets what lasts.
        }
    }

    private void Clear()
    {
        _chain.ForEach(entry => entry.File?.Dispose());
        _chain.Clear();
    }
}
