using System.Diagnostics;

namespace Tare.Runtime.Layers;

/// <summary>
/// The bytes that a writable layer occupies, and how many it may. What counts is what <c>du</c> counts (blocks, those of directories too) and 512 bytes for each inode,
/// so that files without content have their price. Counted once from the tree, then kept by the differences that each change makes.
/// </summary>
/// <param name="limit">The limit in bytes.</param>
/// <param name="count">Counts the tree.</param>
internal sealed class SpaceAccount(long limit, Func<long> count)
{
    /// <summary>Bytes that an inode counts beside its blocks.</summary>
    public const int InodeBytes = 512;

    /// <summary>Unit of st_blocks.</summary>
    public const int BlockBytes = 512;

    // What an overlay needs of its own in a full layer, so that it can be mounted and that names of the image can be removed.
    private const long UsualReserveBytes = 32 << 10;
    private const int ReserveShare = 8;
    private const long MountBytes = 16 << 10;

    // A recount takes at most a twentieth of the time, whoever provokes it.
    private const int RestFactor = 20;
    private static readonly TimeSpan s_shortestRest = TimeSpan.FromSeconds(1);
    private long _countedAt = long.MinValue;
    private TimeSpan _rest = s_shortestRest;
    private long _usedAtStart = -1;

    /// <summary>The limit in bytes.</summary>
    public long Limit { get; set; } = limit;

    /// <summary>What is occupied, in bytes.</summary>
    public long Used { get; private set; }

    /// <summary>What is left in all, never less than nothing.</summary>
    public long Free => Math.Max(0, Limit - Used);

    /// <summary>What is left for anybody: a small part is the overlay's own.</summary>
    public long Available => Math.Max(0, Limit - Reserve - Used);

    private long Reserve => Math.Min(UsualReserveBytes, Limit / ReserveShare);

    // A layer that is full, or over a limit that was lowered, can be mounted all the same.
    private long OverlayLimit => Math.Max(Limit, _usedAtStart + MountBytes);

    /// <summary>Counts the tree anew.</summary>
    public void Recount()
    {
        long begin = Stopwatch.GetTimestamp();
        Used = count();
        _usedAtStart = _usedAtStart < 0 ? Used : _usedAtStart;
        _countedAt = Stopwatch.GetTimestamp();
        TimeSpan needed = Stopwatch.GetElapsedTime(begin, _countedAt) * RestFactor;
        _rest = needed > s_shortestRest ? needed : s_shortestRest;
    }

    /// <summary>
    /// Whether so many more bytes fit. Before it says no, the tree is counted anew, at most now and then: a file system may give or take blocks of its own accord
    /// (delayed allocation, preallocation), which no difference shows.
    /// </summary>
    /// <param name="bytes">How many.</param>
    /// <param name="ofOverlay">Whether the overlay needs them itself.</param>
    public bool Fits(long bytes, bool ofOverlay = false)
    {
        if (Used + bytes <= (ofOverlay ? OverlayLimit : Limit - Reserve))
        {
            return true;
        }

        if (_countedAt != long.MinValue && Stopwatch.GetElapsedTime(_countedAt) < _rest)
        {
            return false;
        }

        Recount();
        return Used + bytes <= (ofOverlay ? OverlayLimit : Limit - Reserve);
    }

    /// <summary>Notes a difference in bytes.</summary>
    public void Add(long bytes) => Used = Math.Max(0, Used + bytes);
}
