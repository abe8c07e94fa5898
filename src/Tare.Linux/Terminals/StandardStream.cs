using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Terminals;

/// <summary>
/// A standard descriptor as a stream of plain read(2) and write(2): no buffer, no encoding, the descriptor's own file offset, and a reader that went away is an
/// error (the framework's console stream hides it, its file stream keeps an offset of its own). The descriptor is never closed.
/// </summary>
/// <param name="descriptor">0, 1 or 2.</param>
public sealed unsafe class StandardStream(int descriptor) : Stream
{
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int EIO = 5;
    private const short POLLIN = 1;
    private const short POLLOUT = 4;

    /// <inheritdoc/>
    public override bool CanRead => descriptor == 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => descriptor != 0;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what is there; 0 is the end. A terminal that hung up (EIO) is an end too.</summary>
    /// <exception cref="IOException">read(2) failed.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* bytes = buffer)
            {
                // SAFETY: the span is pinned and its length bounds the call.
                count = Libc.standard_read(descriptor, bytes, (nuint)buffer.Length);
            }

            if (count >= 0)
            {
                return (int)count;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == EIO)
            {
                return 0;
            }

            AwaitOrThrow(error, POLLIN, "read");
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="IOException">write(2) failed; <see cref="Exception.HResult"/> holds the errno (EPIPE is 32).</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint count;
            fixed (byte* bytes = buffer)
            {
                // SAFETY: the span is pinned and its length bounds the call.
                count = Libc.standard_write(descriptor, bytes, (nuint)buffer.Length);
            }

            if (count >= 0)
            {
                buffer = buffer[(int)count..];
                continue;
            }

            AwaitOrThrow(Marshal.GetLastPInvokeError(), POLLOUT, "write");
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private void AwaitOrThrow(int error, short events, string call)
    {
        if (error == EAGAIN)
        {
            Libc.standard_pollfd poll = new() { fd = descriptor, events = events };

            // SAFETY: one pollfd on this stack; whatever poll says, the caller tries again.
            _ = Libc.standard_poll(&poll, 1, -1);
        }
        else if (error != EINTR)
        {
            throw new IOException($"{call} standard descriptor {descriptor}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }
}
