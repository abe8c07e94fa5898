using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tare.Network.Ports;

/// <summary>
/// Holds a port of the host, so that no program of the host takes it meanwhile. For an IPv4 address that is a listening TCP or bound UDP socket which never sees a packet, for
/// the firewall turns them all away to the container; for an IPv6 address it is a relay. SCTP ports are not held.
/// </summary>
internal static class PortHolder
{
    /// <summary>Holds nothing.</summary>
    public static IDisposable None { get; } = new Nothing();

    /// <summary>Whether the host listens on IPv6 addresses at all.</summary>
    public static bool HostHasIPv6()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return false;
        }

        using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Takes a port; disposing the result lets go of it.</summary>
    /// <exception cref="SocketException">It is in use, or the address is not the host's.</exception>
    public static IDisposable Take(PublishedPort port)
    {
        if (port.Protocol == PortProtocol.Sctp)
        {
            return None;
        }

        bool stream = port.Protocol == PortProtocol.Tcp;
        Socket socket = new(port.HostAddress.AddressFamily, stream ? SocketType.Stream : SocketType.Dgram, stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            if (port.IsRelayed)
            {
                // The IPv4 side of the port has a holder of its own.
                socket.DualMode = false;
            }

            socket.Bind(new IPEndPoint(port.HostAddress, port.HostPort));
            if (stream)
            {
                // Two sockets may be bound to a port with SO_REUSEADDR; listening is what shows that another program has it.
                socket.Listen(port.IsRelayed ? TcpRelay.Backlog : 1);
            }
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        IPEndPoint container = new(port.ContainerAddress, port.ContainerPort);
        return (port.IsRelayed, stream) switch
        {
            (false, _) => socket,
            (true, true) => new TcpRelay(socket, container),
            (true, false) => new UdpRelay(socket, container),
        };
    }

    /// <summary>The kernel's reason in Docker's words.</summary>
    public static string Reason(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "address already in use",
        SocketError.AddressNotAvailable => "cannot assign requested address",
        SocketError.AccessDenied => "permission denied",
        _ => string.Create(CultureInfo.InvariantCulture, $"{failure.SocketErrorCode} ({failure.NativeErrorCode})"),
    };

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
            // There is nothing to let go of.
        }
    }
}
