namespace Tare.Engine.Images;

/// <summary>
/// What must not be deleted at this moment, by digest of content or chain id of a layer. Between the record of an image going and its files going, and between files coming and their
/// record coming, others may be reading them or counting on them: a push beside a removal, a pull that found a layer already here. Each such operation has a lease; what a removal
/// finds held is condemned, and deleted by the lease that ends last.
/// </summary>
/// <param name="parts">The image parts.</param>
internal sealed class ImageLeases(ImageParts parts)
{
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<string, int> _counts = [];
    private readonly HashSet<string> _condemned = [];
    private int _all;

    /// <summary>A lease that holds nothing yet.</summary>
    public ImageLease Take() => new(this, holdsAll: false);

    /// <summary>A lease that holds everything; for short work whose digests are not known beforehand.</summary>
    public ImageLease TakeAll()
    {
        lock (_lock)
        {
            _all++;
        }

        return new ImageLease(this, holdsAll: true);
    }

    /// <summary>Whether somebody holds everything.</summary>
    public bool HoldsAll
    {
        get
        {
            lock (_lock)
            {
                return _all > 0;
            }
        }
    }

    /// <summary>Whether something is held.</summary>
    public bool IsHeld(string digest)
    {
        lock (_lock)
        {
            return _all > 0 || _counts.ContainsKey(digest);
        }
    }

    /// <summary>Deletes something unless it is held: then it is condemned. No lease begins between the look and the deletion.</summary>
    /// <returns>Whether it was deleted.</returns>
    public bool TryDelete(string digest, Action delete)
    {
        lock (_lock)
        {
            if (_all > 0 || _counts.ContainsKey(digest))
            {
                _condemned.Add(digest);
                return false;
            }

            delete();
            return true;
        }
    }

    internal void Hold(HashSet<string> held, string digest)
    {
        lock (_lock)
        {
            if (held.Add(digest))
            {
                _counts[digest] = _counts.GetValueOrDefault(digest) + 1;
            }
        }
    }

    internal bool TryHold(HashSet<string> held, ImageRecord image)
    {
        foreach (string digest in image.Document.ContentOf(image.Id).Concat(image.Document.ChainIds))
        {
            Hold(held, digest);
        }

        // A removal takes the image out of the table before it looks for leases.
        return parts.Table.TryGet(image.Id) is not null;
    }

    internal void Condemn(IEnumerable<string> digests)
    {
        lock (_lock)
        {
            _condemned.UnionWith(digests);
        }
    }

    internal async Task ReleaseAsync(HashSet<string> held, bool heldAll)
    {
        List<string> free;
        lock (_lock)
        {
            _all -= heldAll ? 1 : 0;
            foreach (string digest in held)
            {
                if (--_counts[digest] == 0)
                {
                    _counts.Remove(digest);
                }
            }

            free = _all > 0 ? [] : [.. _condemned.Where(digest => !_counts.ContainsKey(digest))];
            _condemned.ExceptWith(free);
        }

        if (free.Count > 0)
        {
            await parts.Turn.WaitAsync();
            try
            {
                parts.Collector.DeleteUnused(free);
            }
            finally
            {
                parts.Turn.Release();
            }
        }
    }
}
