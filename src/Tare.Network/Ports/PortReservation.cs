using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tare.Network.Ports;

/// <summary>
/// Holds a port of the host, so that no program of the host takes it meanwhile: a listening TCP or bound UDP socket that never sees a packet, for the firewall turns them
/// all away to the container. SCTP ports are not held.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private readonly Socket? _socket;

    private PortReservation(Socket? socket) => _socket = socket;

    /// <summary>Holds nothing.</summary>
    public static PortReservation None { get; } = new(null);

    /// <summary>Takes a port.</summary>
    /// <exception cref="SocketException">It is in use, or the address is not the host's.</exception>
    public static PortReservation Take(PortProtocol protocol, IPAddress address, int port)
    {
        if (protocol == PortProtocol.Sctp)
        {
            return new PortReservation(null);
        }

        bool stream = protocol == PortProtocol.Tcp;
        Socket socket = new(AddressFamily.InterNetwork, stream ? SocketType.Stream : SocketType.Dgram, stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            if (stream)
            {
                // Two sockets may be bound to a port with SO_REUSEADDR; listening is what shows that another program has it.
                socket.Listen(1);
            }

            return new PortReservation(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The kernel's reason in Docker's words.</summary>
    public static string Reason(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "address already in use",
        SocketError.AddressNotAvailable => "cannot assign requested address",
        SocketError.AccessDenied => "permission denied",
        _ => string.Create(CultureInfo.InvariantCulture, $"{failure.SocketErrorCode} ({failure.NativeErrorCode})"),
    };

    public void Dispose() => _socket?.Dispose();
}
