using System.Net.Sockets;
using Tare.Linux.Streams;

namespace Tare.Runtime.Shim.Client;

/// <summary>
/// The standard streams of a container or exec session. Reads give what the shim sends (Docker's frames with an 8-byte header, or the raw
/// bytes of a terminal) until 0 at the end of output; writes go to stdin; <see cref="CloseWrite"/> ends stdin.
/// One reader and one writer may use it at the same time. Owns its socket.
/// </summary>
public sealed class ShimStream : Stream
{
    private readonly Socket _socket;
    private ReadOnlyMemory<byte> _received;

    internal ShimStream(Socket socket, ReadOnlyMemory<byte> received)
    {
        _socket = socket;
        _received = received;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Tells the shim that no more input follows: stdin's end, if the container takes it from this client.</summary>
    public void CloseWrite()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.NotConnected or SocketError.Shutdown or SocketError.ConnectionReset)
        {
            // The shim closed first: there is no stdin left to end.
        }
    }

    /// <summary>Lets what follows an asynchronous read or write run on the thread that waits for all sockets: for those who pass bytes on without blocking, and leave that thread again.</summary>
    public void CompleteInline() => InlineCompletions.Use(_socket);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_received.IsEmpty)
        {
            return TakeReceived(buffer.Span);
        }

        try
        {
            return await _socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _received.IsEmpty ? _socket.Receive(buffer) : TakeReceived(buffer);

    /// <inheritdoc/>
    /// <exception cref="IOException">The shim no longer takes input.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                buffer = buffer[await _socket.SendAsync(buffer, cancellationToken)..];
            }
        }
        catch (SocketException e)
        {
            throw new IOException("write to container stdin: " + e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ReadOnlySpan<byte> rest = buffer.AsSpan(offset, count);
        while (!rest.IsEmpty)
        {
            rest = rest[_socket.Send(rest)..];
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private int TakeReceived(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _received.Length);
        _received.Span[..count].CopyTo(buffer);
        _received = _received[count..];
        return count;
    }
}
