using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Hijack;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Streams;

namespace Tare.Docker.Bodies;

/// <summary>
/// A request's body in chunks, read by a thread that blocks, mostly from the connection's socket straight to where the content goes. Kestrel decodes such a body on its way through two pipes
/// and three threads, which costs more than the writing of the files in it.
/// <para>
/// The transport, which reads ahead on its own, cannot be told to stop; but it rests while what it read last has not been taken (<see cref="HijackableConnection.RestsAt"/>). So the beginning of the
/// body is read from its pipe, and as soon as that shows that the transport rests, the socket has no other reader. <see cref="Dispose"/> gives the connection back where the reading ended.
/// </para>
/// </summary>
internal sealed class ChunkedBody : ForwardStream
{
    private const int BufferSize = 64 * 1024;
    private const int PollMicroseconds = 250_000;
    private const int DirectSize = 16 * 1024; // less is worth no call of its own
    private const int BetweenContents = 16; // what mostly stands between two large chunks, and a little of the second

    private readonly HijackableConnection _connection;
    private readonly Socket _socket;
    private readonly CancellationToken _aborted;
    private readonly ChunkFraming _framing = new();
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private readonly AutoResetEvent _arrived = new(initialState: false);
    private readonly Action _wake;
    private int _start;
    private int _end;

    // What the transport read last, as long as it is not taken, and how much of it was copied to the buffer.
    private ReadOnlySequence<byte> _held;
    private long _copied;
    private bool _isHeld;
    private bool _hasWaited;
    private bool _isDirect;
    private bool _hasSocket;
    private bool _isBroken;
    private bool _isDisposed;

    /// <summary>Begins to read.</summary>
    /// <param name="connection">The connection, whose request's body nobody has read yet.</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="aborted">Ends the reads.</param>
    public ChunkedBody(HijackableConnection connection, Socket socket, CancellationToken aborted)
    {
        _connection = connection;
        _socket = socket;
        _aborted = aborted;
        _wake = () => _arrived.Set();
        // A socket that is closed meanwhile keeps its number until the last read.
        socket.SafeHandle.DangerousAddRef(ref _hasSocket);
    }

    /// <inheritdoc/>
    /// <exception cref="BadHttpRequestException">The client has gone, or what it sends is no body in chunks.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            while (_framing.Left == 0)
            {
                _start += _framing.Take(_buffer.AsSpan(_start, _end - _start));
                if (_framing.IsDone)
                {
                    return 0;
                }

                if (_framing.Left == 0)
                {
                    Fill();
                }
            }

            return ReadContent(buffer[..(int)Math.Min(buffer.Length, _framing.Left)]);
        }
        catch (BadHttpRequestException)
        {
            _isBroken = true;
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            GiveBack();
            _arrived.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
            if (_hasSocket)
            {
                _socket.SafeHandle.DangerousRelease();
            }
        }

        base.Dispose(disposing);
    }

    private int ReadContent(Span<byte> room)
    {
        if (_start == _end)
        {
            if (IsDirect() && room.Length >= DirectSize)
            {
                return ReceiveContent(room);
            }

            Fill();
        }

        int count = Math.Min(room.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(room);
        _start += count;
        _framing.Pass(count);
        return count;
    }

    private int ReceiveContent(Span<byte> room)
    {
        // Both at once: a call for each line between two contents would be as many calls again.
        int received = Receive(room, _buffer.AsSpan(0, BetweenContents));
        int content = Math.Min(received, room.Length);
        (_start, _end) = (0, received - content);
        _framing.Pass(content);
        return content;
    }

    // More bytes for the buffer, at least one.
    private void Fill()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
        }
        else if (_buffer.Length - _end < ChunkFraming.LongestLine)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        Span<byte> room = _buffer.AsSpan(_end);
        _end += IsDirect() ? Receive(room, []) : CopyHeld(room);
    }

    // From the moment on in which the transport rests until it is woken by taking what it read.
    private bool IsDirect() => _isDirect |= _isHeld && _hasWaited && _copied == _held.Length && _held.Length >= _connection.RestsAt;

    private int CopyHeld(Span<byte> room)
    {
        while (!_isHeld || _copied == _held.Length)
        {
            Await();
        }

        ReadOnlySequence<byte> fresh = _held.Slice(_copied);
        int count = (int)Math.Min(room.Length, fresh.Length);
        fresh.Slice(0, count).CopyTo(room);
        _copied += count;
        return count;
    }

    private void Await()
    {
        _aborted.ThrowIfCancellationRequested();
        // What is there before the first wait may have been looked at by the parser of the head: no sign that the transport rests, and given out by TryRead alone.
        ReadResult result = default;
        _hasWaited = _isHeld || !_connection.Input.TryRead(out result);
        if (_hasWaited)
        {
            Release();
            TaskAwaiter<ReadResult> reading = _connection.Input.ReadAsync(_aborted).AsTask().GetAwaiter();
            if (!reading.IsCompleted)
            {
                reading.UnsafeOnCompleted(_wake);
                _arrived.WaitOne();
            }

            result = reading.GetResult();
        }

        (_held, _copied, _isHeld) = (result.Buffer, 0, true);
        if (_held.IsEmpty && result.IsCompleted)
        {
            throw ChunkFraming.Truncated();
        }
    }

    private void Release()
    {
        if (_isHeld)
        {
            _isHeld = false;
            _connection.Input.AdvanceTo(_held.End);
        }
    }

    private unsafe int Receive(Span<byte> first, Span<byte> second)
    {
        Libc.iovec* vectors = stackalloc Libc.iovec[2];
        fixed (byte* start = first, more = second)
        {
            while (true)
            {
                _aborted.ThrowIfCancellationRequested();
                vectors[0] = new Libc.iovec { iov_base = start, iov_len = (nuint)first.Length };
                vectors[1] = new Libc.iovec { iov_base = more, iov_len = (nuint)second.Length };
                Libc.msghdr message = new() { msg_iov = vectors, msg_iovlen = 2 };
                nint received = Libc.recvmsg((int)_socket.SafeHandle.DangerousGetHandle(), &message, Libc.MSG_DONTWAIT);
                if (received > 0)
                {
                    return (int)received;
                }

                Errno errno = received == 0 ? Errno.ECONNRESET : (Errno)Marshal.GetLastPInvokeError();
                if (errno is not (Errno.EAGAIN or Errno.EINTR))
                {
                    throw ChunkFraming.Truncated();
                }

                AwaitSocket();
            }
        }
    }

    private void AwaitSocket()
    {
        try
        {
            while (!_socket.Poll(PollMicroseconds, SelectMode.SelectRead))
            {
                _aborted.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw ChunkFraming.Truncated();
        }
    }

    private void GiveBack()
    {
        if (_isBroken)
        {
            // An end within the body would have Kestrel cut off the answer.
            _connection.EndRequests("0\r\n\r\n"u8.ToArray());
        }
        else
        {
            byte[] held = _isHeld ? _held.Slice(_copied).ToArray() : [];
            byte[] rest = [.. _framing.Rest(), .. _buffer.AsSpan(_start, _end - _start), .. held];
            _connection.ReturnToRequests(rest);
        }

        Release();
    }
}
