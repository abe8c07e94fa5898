using System.Diagnostics;

namespace Tare.Runtime.Layers;

/// <summary>
/// Files that have grown lately. A file system with delayed allocation may take further blocks (of the map of extents) or give some back when it writes a file to the disk, half a
/// minute later; so each is looked at once more after that. Until then a file with holes, whose map is the one that grows, has a block more in the account.
/// </summary>
internal sealed class LateBlocks
{
    /// <summary>What a file with holes has in the account beside its blocks, in bytes.</summary>
    public const int MapBytes = 4096;

    /// <summary>How many files are remembered at most.</summary>
    public const int Most = 1 << 16;

    // The kernel writes what is dirty for 30 s, and looks every 5 s (vm.dirty_expire_centisecs, vm.dirty_writeback_centisecs).
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(40);
    private readonly Dictionary<ulong, Late> _files = [];
    private readonly Queue<(ulong Node, long Since)> _order = [];

    /// <summary>How many files are remembered.</summary>
    public int Count => _files.Count;

    /// <summary>What files with holes have in the account beside their blocks.</summary>
    public long MapBytesInAll { get; private set; }

    /// <summary>Remembers a file that has grown, or that is known already; tells what to add to the account for its map.</summary>
    public long Note(ulong node, long bytes, bool hasGrown, bool hasHoles)
    {
        bool isKnown = _files.TryGetValue(node, out Late late);
        if (!isKnown && !hasGrown)
        {
            return 0;
        }

        bool isNew = hasHoles && !late.HasMap;
        _files[node] = new Late(bytes, late.HasMap || hasHoles);
        if (!isKnown)
        {
            _order.Enqueue((node, Stopwatch.GetTimestamp()));
        }

        MapBytesInAll += isNew ? MapBytes : 0;
        return isNew ? MapBytes : 0;
    }

    /// <summary>The file whose time has come; false when there is none.</summary>
    public bool TryNext(out ulong node)
    {
        while (_order.TryPeek(out (ulong Node, long Since) first) && (_files.Count > Most || Stopwatch.GetElapsedTime(first.Since) > s_rest))
        {
            _ = _order.Dequeue();
            if (_files.ContainsKey(first.Node))
            {
                node = first.Node;
                return true;
            }
        }

        node = 0;
        return false;
    }

    /// <summary>Forgets a file, and tells what the account has of it; null when it is none of these.</summary>
    public long? Take(ulong node)
    {
        if (!_files.Remove(node, out Late late))
        {
            return null;
        }

        MapBytesInAll -= late.HasMap ? MapBytes : 0;
        return late.Bytes + (late.HasMap ? MapBytes : 0);
    }

    /// <summary>The files, for a count of all; each is told anew by <see cref="Note"/>.</summary>
    public IReadOnlyList<ulong> Nodes => [.. _files.Keys];

    private readonly record struct Late(long Bytes, bool HasMap);
}
