using Tare.Oci.Images;

namespace Tare.Engine.Images;

/// <summary>
/// Keeps content and layers from being deleted while somebody brings them in or reads them. Disposing lets go, and deletes what was to be deleted meanwhile and is still unused.
/// Must not be disposed while <see cref="ImageParts.Turn"/> is held.
/// </summary>
internal sealed class ImageLease : IAsyncDisposable
{
    private readonly ImageLeases _leases;
    private readonly bool _holdsAll;
    private readonly HashSet<string> _held = []; // guarded by the lock of _leases
    private bool _isDisposed;

    internal ImageLease(ImageLeases leases, bool holdsAll) => (_leases, _holdsAll) = (leases, holdsAll);

    /// <summary>Holds content by its digest, or a layer by its chain id, from now on; whether it is here already or comes later.</summary>
    public void Hold(Digest digest) => _leases.Hold(_held, digest.ToString());

    /// <summary>Has everything that this lease holds deleted at its end, unless a record has it by then.</summary>
    public void Condemn() => _leases.Condemn(_held);

    /// <summary>Has content deleted at this lease's end, unless a record has it by then.</summary>
    public void Condemn(Digest digest) => _leases.Condemn([digest.ToString()]);

    /// <summary>Holds an image with all that belongs to it; false when it has been removed.</summary>
    public bool TryHold(ImageRecord image) => _leases.TryHold(_held, image);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return ValueTask.CompletedTask;
        }

        _isDisposed = true;
        return new ValueTask(_leases.ReleaseAsync(_held, _holdsAll));
    }
}
