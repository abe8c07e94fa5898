using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Tare.Engine.Logs.Targets;

/// <summary>A connection to a log target: a stream (TCP, TLS, unix) or datagrams (UDP, unixgram). Owns its socket.</summary>
internal sealed class TargetConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly Stream? _stream;

    private TargetConnection(Socket socket, Stream? stream) => (_socket, _stream) = (socket, stream);

    /// <summary>The stream, for answers; null for datagrams.</summary>
    public Stream? Stream => _stream;

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">It fails; in the words of Go's dialer, by which users know it.</exception>
    /// <param name="address">Where.</param>
    /// <param name="tls">The set-up of TLS; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<TargetConnection> OpenAsync(TargetAddress address, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        bool isUnix = address.Protocol is "unix" or "unixgram";
        bool isDatagram = address.Protocol is "udp" or "unixgram";
        Socket? socket = null;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            EndPoint place = isUnix ? new UnixDomainSocketEndPoint(address.Host) : await ResolveAsync(address, limit.Token);
            socket = new(isUnix ? AddressFamily.Unix : place.AddressFamily, isDatagram ? SocketType.Dgram : SocketType.Stream, isUnix ? ProtocolType.Unspecified : isDatagram ? ProtocolType.Udp : ProtocolType.Tcp);
            await socket.ConnectAsync(place, limit.Token);
            Stream? stream = isDatagram ? null : new NetworkStream(socket, ownsSocket: false);
            if (tls is not null)
            {
                SslStream secure = new(stream!, leaveInnerStreamOpen: false);
                stream = secure;
                await secure.AuthenticateAsClientAsync(tls, limit.Token);
            }

            return new TargetConnection(socket, stream);
        }
        catch (Exception e) when (e is SocketException or IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            socket?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException($"dial {(address.Protocol == "tls" ? "tcp" : address.Protocol)} {address.Text}: {Reason(e)}", e);
        }
    }

    /// <summary>Sends all of a message.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            if (_stream is not null)
            {
                await _stream.WriteAsync(message, cancellationToken);
            }
            else
            {
                await _socket.SendAsync(message, cancellationToken);
            }
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }

    private static async Task<IPEndPoint> ResolveAsync(TargetAddress address, CancellationToken cancellationToken)
    {
        IPAddress[] found = IPAddress.TryParse(address.Host, out IPAddress? literal) ? [literal] : await Dns.GetHostAddressesAsync(address.Host, cancellationToken);
        return new IPEndPoint(found.FirstOrDefault() ?? throw new SocketException((int)SocketError.HostNotFound), address.Port);
    }

    private static string Reason(Exception e) => e is SocketException socket
        ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connect: connection refused",
            SocketError.AddressNotAvailable or SocketError.HostNotFound => "no such host",
            _ => socket.NativeErrorCode == 2 ? "connect: no such file or directory" : "connect: " + socket.Message,
        }
        : e is OperationCanceledException ? "i/o timeout" : e.Message;
}
