using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;
using Tare.Runtime.Shim.Streams;

namespace Tare.Runtime.Shim;

/// <summary>
/// A client's connection: answers request lines until a request turns it into a stream (attach, exec) or a subscription.
/// Owns its socket, and closes it by itself when the client is gone.
/// </summary>
internal sealed class ClientConnection : IAttachment
{
    private const int MaxRequest = 8 << 20;

    private static readonly byte[] s_received = new byte[16 << 10];

    private readonly EventLoop _loop;
    private readonly SafeFileHandle _socket;
    private readonly ShimServer _server;
    private readonly ByteQueue _outgoing = new();
    private readonly ByteQueue _incoming = new();
    private ProcessStreams? _streams;
    private bool _givesInput;
    private bool _inputAllowed = true;
    private bool _inputEnded;
    private bool _finishing;

    public ClientConnection(EventLoop loop, SafeFileHandle socket, ShimServer server)
    {
        _loop = loop;
        _socket = socket;
        _server = server;
        loop.Add(Descriptors.Number(socket), Libc.EPOLLIN, OnReady);
    }

    /// <inheritdoc/>
    public bool WantsOutput { get; private set; }

    /// <inheritdoc/>
    public bool WantsError { get; private set; }

    /// <inheritdoc/>
    public int Pending => _outgoing.Count;

    /// <summary>The socket's number.</summary>
    public int Descriptor => Descriptors.Number(_socket);

    /// <summary>Whether the socket is still open.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether it has become a stream whose output is not over: a reason for the shim to stay.</summary>
    public bool IsStreaming => IsOpen && _streams is not null;

    /// <summary>Sends a reply.</summary>
    public void Reply(ShimReply reply) => SendLine(ShimWire.Write(reply));

    /// <summary>Sends an event to a subscriber.</summary>
    public void Send(ShimEvent occurrence) => SendLine(ShimWire.Write(occurrence));

    /// <summary>Makes the connection the stream of a process; its input so far belongs to the process.</summary>
    public void BecomeStream(ProcessStreams streams, ShimRequest request)
    {
        _streams = streams;
        _givesInput = request.Stdin;
        WantsOutput = request.Stdout;
        WantsError = request.Stderr;
        streams.Attach(this);
        if (_incoming.Count > 0)
        {
            TakeInput(_incoming.Bytes);
            _incoming.Clear();
        }
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen)
        {
            return;
        }

        if (_outgoing.Count == 0)
        {
            int sent = Descriptors.Send(Descriptors.Number(_socket), bytes);
            if (sent == Descriptors.Gone)
            {
                Close();
                return;
            }

            bytes = bytes[Math.Max(sent, 0)..];
        }

        if (!bytes.IsEmpty)
        {
            _outgoing.Append(bytes);
            WatchAgain();
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        _finishing = true;
        if (_outgoing.Count == 0)
        {
            Close();
        }
    }

    /// <inheritdoc/>
    public void AllowInput(bool allowed)
    {
        _inputAllowed = allowed;
        WatchAgain();
    }

    /// <summary>Closes the socket, whatever still waits.</summary>
    public void Close()
    {
        if (!IsOpen)
        {
            return;
        }

        IsOpen = false;
        _loop.Forget(Descriptors.Number(_socket));
        _socket.Dispose();
        _outgoing.Clear();
        ProcessStreams? streams = _streams;
        _streams = null;
        streams?.Detach(this, _givesInput && !_inputEnded);
        _server.Forget(this);
    }

    private void OnReady(uint events)
    {
        if ((events & Libc.EPOLLOUT) != 0)
        {
            Flush();
        }

        if (IsOpen && (events & (Libc.EPOLLIN | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            Receive(hungUp: (events & (Libc.EPOLLHUP | Libc.EPOLLERR)) != 0);
        }
    }

    private void Flush()
    {
        int sent = Descriptors.Send(Descriptors.Number(_socket), _outgoing.Bytes);
        if (sent == Descriptors.Gone)
        {
            Close();
            return;
        }

        _outgoing.Drop(Math.Max(sent, 0));
        if (_outgoing.Count == 0 && _finishing)
        {
            Close();
            return;
        }

        WatchAgain();
        _streams?.ResumeIfTaken();
    }

    private void Receive(bool hungUp)
    {
        int count = _inputEnded ? 0 : Descriptors.Read(Descriptors.Number(_socket), s_received);
        if (count > 0)
        {
            Take(s_received.AsSpan(0, count));
        }
        else if (count == Descriptors.Gone || hungUp || _streams is null)
        {
            // A request connection or a subscription has no use for half a connection.
            Close();
        }
        else if (count == 0)
        {
            _inputEnded = true;
            WatchAgain();
            if (_givesInput)
            {
                _streams.EndInput();
            }
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (_streams is not null)
        {
            TakeInput(bytes);
            return;
        }

        _incoming.Append(bytes);
        int newline;
        while (IsOpen && _streams is null && (newline = _incoming.Bytes.IndexOf((byte)'\n')) >= 0)
        {
            byte[] line = _incoming.Bytes[..newline].ToArray();
            _incoming.Drop(newline + 1);
            _server.Handle(this, line);
        }

        if (_incoming.Count > MaxRequest)
        {
            Close();
        }
    }

    private void TakeInput(ReadOnlySpan<byte> bytes)
    {
        if (_givesInput)
        {
            _streams!.Input(bytes);
        }
    }

    private void WatchAgain()
    {
        if (IsOpen)
        {
            uint events = (_inputAllowed && !_inputEnded ? Libc.EPOLLIN : 0) | (_outgoing.Count > 0 ? Libc.EPOLLOUT : 0);
            _loop.Change(Descriptors.Number(_socket), events);
        }
    }

    private void SendLine(byte[] json)
    {
        Array.Resize(ref json, json.Length + 1);
        json[^1] = (byte)'\n';
        Send(json.AsSpan());
    }
}
