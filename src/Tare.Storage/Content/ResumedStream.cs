namespace Tare.Storage.Content;

/// <summary>The first bytes of a file, then another stream. Closing it closes both.</summary>
/// <param name="path">The file.</param>
/// <param name="count">How many of its bytes; it has them.</param>
/// <param name="rest">What follows.</param>
internal sealed class ResumedStream(string path, long count, Stream rest) : Stream
{
    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => rest.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("a stream that is read once has no position");
        set => throw new NotSupportedException("a stream that is read once cannot be wound");
    }

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
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("downloads are read asynchronously");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a stream that is read once cannot be wound");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("a stream that is read once has no length");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("the stream is for reading");

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
