using Tare.Linux.Streams;

namespace Tare.Storage.Content;

/// <summary>The first bytes of a file, then another stream. Closing it closes both.</summary>
/// <param name="path">The file.</param>
/// <param name="count">How many of its bytes; it has them.</param>
/// <param name="rest">What follows.</param>
internal sealed class ResumedStream(string path, long count, Stream rest) : ForwardStream
{
    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);

    /// <inheritdoc/>
    public override long Length => rest.Length;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        long left = count - _file.Position;
        if (left == 0)
        {
            return await rest.ReadAsync(buffer, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        int read = _file.Read(buffer.Span[..(int)Math.Min(buffer.Length, left)]);
        return read > 0 || buffer.IsEmpty ? read : throw new StorageException($"\"{path}\" became shorter while it was read");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        await rest.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
