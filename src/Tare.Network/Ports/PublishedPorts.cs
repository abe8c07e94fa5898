using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tare.Linux.Interop;
using Tare.Network.Firewall;

namespace Tare.Network.Ports;

/// <summary>
/// The ports of a bridge's containers that the host offers: elements of the firewall's maps, without a rule or a process for each. Safe for several threads.
/// </summary>
public sealed class PublishedPorts : IDisposable
{
    private readonly BridgeFirewall _firewall;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<PublishedPort, PortReservation> _held = [];

    // Guarded by _lock: the ephemeral port that was given out last; 0 before the first.
    private int _lastEphemeral;

    /// <summary>Makes the firewall's table with the ports of containers that run already.</summary>
    /// <exception cref="NfTablesException">The firewall refused.</exception>
    internal PublishedPorts(BridgeFirewall firewall, IReadOnlyList<PublishedPort> running)
    {
        _firewall = firewall;
        foreach (PublishedPort port in running)
        {
            // A running container keeps its port even when a program of the host has taken it while no daemon held it.
            _held[port] = TryTake(port) ?? PortReservation.None;
        }

        firewall.Apply(running);
    }

    /// <summary>Publishes ports of a container: all of them or none.</summary>
    /// <returns>One for each request, in their order.</returns>
    /// <exception cref="NetworkException">A port is taken, in Docker's words, or the firewall refused.</exception>
    public IReadOnlyList<PublishedPort> Publish(IPAddress containerAddress, IReadOnlyList<PortRequest> requests)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        lock (_lock)
        {
            List<PublishedPort> taken = [];
            try
            {
                foreach (PortRequest request in requests)
                {
                    taken.Add(Take(containerAddress, request));
                }

                AddElements(taken);
                return taken;
            }
            catch (Exception e) when (e is NetworkException or NfTablesException)
            {
                LetGo(taken);
                throw e as NetworkException ?? new NetworkException("publish ports: " + e.Message, e);
            }
        }
    }

    /// <summary>Publishes ports no more; those that are not published are passed over.</summary>
    /// <exception cref="NetworkException">The firewall refused.</exception>
    public void Withdraw(IReadOnlyList<PublishedPort> ports)
    {
        lock (_lock)
        {
            List<PublishedPort> known = [.. ports.Where(_held.ContainsKey)];
            if (known.Count == 0)
            {
                return;
            }

            LetGo(known);
            try
            {
                DeleteElements(known);
            }
            catch (NfTablesException e)
            {
                throw new NetworkException("withdraw ports: " + e.Message, e);
            }
        }
    }

    /// <summary>Lets go of the host's ports; the firewall goes on publishing them.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            LetGo([.. _held.Keys]);
        }
    }

    private static PortReservation? TryTake(PublishedPort port)
    {
        try
        {
            return PortReservation.Take(port.Protocol, port.HostAddress, port.HostPort);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Elements of the table as it should be; a table that somebody has flushed is made anew.</summary>
    private void AddElements(List<PublishedPort> ports)
    {
        try
        {
            _firewall.Add(ports);
        }
        catch (NfTablesException e) when (e.IsNotFound)
        {
            _firewall.Apply(_held.Keys);
        }
    }

    private void DeleteElements(List<PublishedPort> ports)
    {
        try
        {
            _firewall.Delete(ports);
        }
        catch (NfTablesException e) when (e.IsNotFound)
        {
            _firewall.Apply(_held.Keys);
        }
    }

    private void LetGo(IReadOnlyList<PublishedPort> ports)
    {
        foreach (PublishedPort port in ports)
        {
            if (_held.Remove(port, out PortReservation? reservation))
            {
                reservation.Dispose();
            }
        }
    }

    private PublishedPort Take(IPAddress containerAddress, PortRequest request)
    {
        if (request.HostAddress.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new NetworkException($"cannot bind host port on {request.HostAddress}: this network has no IPv6");
        }

        return request.FirstHostPort == 0 ? TakeEphemeral(containerAddress, request) : TakeFromRange(containerAddress, request);
    }

    private PublishedPort TakeFromRange(IPAddress containerAddress, PortRequest request)
    {
        NetworkException? failure = null;
        for (int number = request.FirstHostPort; number <= request.LastHostPort; number++)
        {
            PublishedPort port = new(request.Protocol, request.HostAddress, number, containerAddress, request.ContainerPort);
            if (TryHold(port, out failure))
            {
                return port;
            }
        }

        throw failure ?? new NetworkException($"invalid host ports {request.FirstHostPort}-{request.LastHostPort}");
    }

    private PublishedPort TakeEphemeral(IPAddress containerAddress, PortRequest request)
    {
        (int first, int last) = EphemeralRange();
        for (int tries = last - first + 1; tries > 0; tries--)
        {
            _lastEphemeral = _lastEphemeral < first || _lastEphemeral >= last ? first : _lastEphemeral + 1;
            PublishedPort port = new(request.Protocol, request.HostAddress, _lastEphemeral, containerAddress, request.ContainerPort);
            if (TryHold(port, out _))
            {
                return port;
            }
        }

        throw new NetworkException("all ports are allocated");
    }

    private bool TryHold(PublishedPort port, out NetworkException? failure)
    {
        foreach (PublishedPort other in _held.Keys)
        {
            if (other.Protocol == port.Protocol && other.HostPort == port.HostPort
                && (other.HostAddress.Equals(port.HostAddress) || other.HostAddress.Equals(IPAddress.Any) || port.HostAddress.Equals(IPAddress.Any)))
            {
                failure = new NetworkException(string.Create(CultureInfo.InvariantCulture, $"Bind for {other.HostAddress}:{port.HostPort} failed: port is already allocated"));
                return false;
            }
        }

        try
        {
            _held.Add(port, PortReservation.Take(port.Protocol, port.HostAddress, port.HostPort));
            failure = null;
            return true;
        }
        catch (SocketException e)
        {
            failure = new NetworkException(string.Create(
                CultureInfo.InvariantCulture,
                $"failed to bind host port for {port.HostAddress}:{port.HostPort}:{port.ContainerAddress}:{port.ContainerPort}/{port.Protocol.Name()}: {PortReservation.Reason(e)}"));
            return false;
        }
    }

    /// <summary>The host's ephemeral ports; Linux's own default where the file cannot be read.</summary>
    private static (int First, int Last) EphemeralRange()
    {
        const string path = "/proc/sys/net/ipv4/ip_local_port_range";
        string[] words = File.Exists(path) ? File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];
        return words.Length == 2 && int.TryParse(words[0], CultureInfo.InvariantCulture, out int first) && int.TryParse(words[1], CultureInfo.InvariantCulture, out int last)
            ? (first, last)
            : (32768, 60999);
    }
}
