using System.Buffers.Text;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Tare.Cli.Client;

/// <summary>
/// One HTTP/1.1 connection to the daemon, used by blocking calls. Written for this program because the client of the framework costs more start-up time than a whole
/// container, and because attach and exec take the bare connection over after the response. Owns the socket; used by one thread at a time, but reading and writing the bare connection may be two threads' work.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private const int LongestHead = 64 * 1024;
    private readonly Socket _socket;
    private readonly SslStream? _secure;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="secure">The encryption over it; null for none.</param>
    public HttpConnection(Socket socket, SslStream? secure = null) => (_socket, _secure) = (socket, secure);

    /// <summary>The clock reading when the last response ended, for deciding whether the daemon still keeps the connection.</summary>
    public long IdleSince { get; set; }

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public static HttpConnection Open(DaemonAddress address)
    {
        Socket socket = address.SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (address.SocketPath is { } path)
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
            }
            else
            {
                socket.Connect(address.HostName, address.Port);
            }

            return new HttpConnection(socket, address.SocketPath is null ? address.Tls?.Secure(new NetworkStream(socket, ownsSocket: false), address.HostName) : null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends bytes.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (_secure is not null)
        {
            SendSecurely(bytes);
            return;
        }

        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Sends a request's head and, when it is known beforehand, its body.</summary>
    public void Send(HttpRequest request)
    {
        StringBuilder head = new(256);
        head.Append(request.Method).Append(' ').Append(request.Target).Append(" HTTP/1.1\r\nHost: tare\r\nUser-Agent: Tare-Client/").Append(ClientVersion.Text).Append("\r\n");
        foreach ((string name, string value) in request.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (request.Upgrade)
        {
            head.Append("Connection: Upgrade\r\nUpgrade: tcp\r\n");
        }

        if (request.IsStreamed)
        {
            head.Append("Transfer-Encoding: chunked\r\n");
        }
        else if (request.Method is "POST" or "PUT")
        {
            head.Append("Content-Length: ").Append(request.Body.Length).Append("\r\n");
        }

        head.Append("\r\n");
        byte[] bytes = new byte[head.Length + request.Body.Length];
        int length = Encoding.ASCII.GetBytes(head.ToString(), bytes);
        request.Body.Span.CopyTo(bytes.AsSpan(length));
        Send(bytes);
        if (request.IsStreamed)
        {
            SendStreamed(request);
        }
    }

    /// <summary>Reads the head of a response.</summary>
    /// <returns>The head, or null when the daemon closed the connection before the first byte.</returns>
    /// <exception cref="InvalidDataException">What came is not HTTP.</exception>
    public HttpResponseHead? ReadHead()
    {
        int scanned = 0;
        while (true)
        {
            int end = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                HttpResponseHead head = HttpResponseHead.Parse(_buffer.AsSpan(_start, scanned + end));
                _start += scanned + end + 4;
                return head;
            }

            scanned = Math.Max(0, _end - _start - 3);
            if (Fill() == 0)
            {
                return _start == _end ? null : throw new InvalidDataException("the daemon closed the connection within the head of a response");
            }
        }
    }

    /// <summary>Reads bytes: first what came along with the head, then from the socket. 0 is the end.</summary>
    public int Read(Span<byte> destination)
    {
        if (_start < _end)
        {
            int count = Math.Min(destination.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(destination);
            _start += count;
            return count;
        }

        return Receive(destination);
    }

    /// <summary>Reads the size line of the next chunk of a chunked body.</summary>
    /// <returns>The size in bytes; 0 is the last chunk.</returns>
    /// <exception cref="InvalidDataException">There is no such line.</exception>
    public int ReadChunkSize()
    {
        ReadOnlySpan<byte> line = ReadLine();
        int digits = line.IndexOfAny((byte)';', (byte)' ');
        if (!Utf8Parser.TryParse(digits < 0 ? line : line[..digits], out int size, out int used, 'x') || used == 0 || size < 0)
        {
            throw new InvalidDataException($"the daemon sent a bad chunk size \"{Encoding.Latin1.GetString(line)}\"");
        }

        return size;
    }

    /// <summary>Reads the empty line after a chunk or after the last one.</summary>
    public void ReadLineEnd() => ReadLine();

    /// <summary>Ends the sending direction: the daemon sees the end of standard input.</summary>
    public void CloseWrite()
    {
        if (_secure is not null)
        {
            // The end within the encryption: the connection below stays, for the other direction.
            _secure.ShutdownAsync().GetAwaiter().GetResult();
            return;
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Ends both directions, which also wakes a thread that waits in <see cref="Read"/>.</summary>
    public void Shutdown() => _socket.Shutdown(SocketShutdown.Both);

    /// <inheritdoc/>
    public void Dispose()
    {
        _secure?.Dispose();
        _socket.Dispose();
    }

    private int Receive(Span<byte> destination)
    {
        if (_secure is null)
        {
            return _socket.Receive(destination);
        }

        try
        {
            return _secure.Read(destination);
        }
        catch (IOException failure)
        {
            throw AsSocketFailure(failure);
        }
    }

    private void SendSecurely(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _secure!.Write(bytes);
        }
        catch (IOException failure)
        {
            throw AsSocketFailure(failure);
        }
    }

    private static SocketException AsSocketFailure(IOException failure) => failure.InnerException as SocketException ?? new SocketException((int)SocketError.ConnectionReset);

    private ReadOnlySpan<byte> ReadLine()
    {
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                ReadOnlySpan<byte> line = _buffer.AsSpan(_start, end);
                _start += end + 2;
                return line;
            }

            if (Fill() == 0)
            {
                throw new InvalidDataException("the daemon closed the connection within a response");
            }
        }
    }

    private int Fill()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            if (_start == 0)
            {
                Array.Resize(ref _buffer, _buffer.Length < LongestHead ? _buffer.Length * 2 : throw new InvalidDataException("the daemon sent an endless line"));
            }
            else
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
        }

        int count = Receive(_buffer.AsSpan(_end));
        _end += count;
        return count;
    }

    private void SendStreamed(HttpRequest request)
    {
        ChunkStream chunks = new(this);
        try
        {
            request.BodyWriter?.Invoke(chunks);
            request.BodyStream?.CopyTo(chunks, ChunkStream.BestSize);
            chunks.End();
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.Shutdown or SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            // A daemon that refuses does not take the rest; its answer says why.
        }
    }
}
