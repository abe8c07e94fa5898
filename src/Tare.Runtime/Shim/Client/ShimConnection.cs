using System.Net.Sockets;
using System.Text.Json;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim.Client;

/// <summary>One connection to a shim: lines of JSON in both directions, until it is turned into a stream. Owns its socket.</summary>
internal sealed class ShimConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    private ShimConnection(Socket socket) => _socket = socket;

    public static async Task<ShimConnection> OpenAsync(string path, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using SocketPath address = new(path);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Path), cancellationToken);
            return new ShimConnection(socket);
        }
        catch (Exception e) when (e is SocketException or LinuxException)
        {
            socket.Dispose();
            throw new ShimException(ShimErrorKind.Gone, $"connect to shim at \"{path}\": {e.Message}", e);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and awaits its reply; throws <see cref="ShimException"/> for a reply that is not ok.</summary>
    public async Task<ShimReply> RequestAsync(ShimRequest request, CancellationToken cancellationToken)
    {
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(request, ShimJsonContext.Default.ShimRequest);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        try
        {
            ReadOnlyMemory<byte> rest = line;
            while (!rest.IsEmpty)
            {
                rest = rest[await _socket.SendAsync(rest, cancellationToken)..];
            }
        }
        catch (SocketException e)
        {
            throw new ShimException(ShimErrorKind.Gone, $"send \"{request.Op}\" to shim: {e.Message}", e);
        }

        ReadOnlyMemory<byte>? answer = await ReadLineAsync(cancellationToken);
        ShimReply reply = (answer is { } text ? JsonSerializer.Deserialize(text.Span, ShimJsonContext.Default.ShimReply) : null)
            ?? throw new ShimException(ShimErrorKind.Gone, $"the shim ended before it answered \"{request.Op}\"");
        return reply.Ok ? reply : throw new ShimException(ShimErrorKinds.FromWire(reply.Kind), reply.Message ?? $"shim refused \"{request.Op}\"");
    }

    /// <summary>Reads the next line; null at the end of the connection. The memory is valid until the next read.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int newline = _buffer.AsSpan(_start.._end).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, newline);
                _start += newline + 1;
                return line;
            }

            MakeRoom();
            int count;
            try
            {
                count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.OperationAborted)
            {
                count = 0;
            }

            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    /// <summary>Hands socket and bytes that were already received to a stream; the connection must not be used or disposed afterwards.</summary>
    public ShimStream ToStream() => new(_socket, _buffer.AsMemory(_start.._end));

    public void Dispose() => _socket.Dispose();

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
