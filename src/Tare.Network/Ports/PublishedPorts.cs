using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Netlink;
using Tare.Network.Firewall;

namespace Tare.Network.Ports;

/// <summary>
/// The ports of a bridge's containers that the host offers: elements of the firewall's maps, without a rule or a process for each, and for IPv6 addresses a relay in this process.
/// Safe for several threads.
/// </summary>
public sealed class PublishedPorts : IDisposable
{
    private readonly BridgeFirewall _firewall;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<PublishedPort, IDisposable> _held = [];

    // Guarded by _lock: the held ports of each number, for ranges of thousands.
    private readonly Dictionary<(PortProtocol, int), List<PublishedPort>> _byNumber = [];

    // Guarded by _lock: the ephemeral port of each protocol that was given out last.
    private readonly Dictionary<PortProtocol, int> _lastEphemeral = [];

    /// <summary>Makes the firewall's table with the ports of containers that run already. Of two that overlap the first one counts: the other is that of a container whose end was
    /// not cleaned up.</summary>
    /// <exception cref="NfTablesException">The firewall refused.</exception>
    internal PublishedPorts(BridgeFirewall firewall, IReadOnlyList<PublishedPort> running)
    {
        _firewall = firewall;
        foreach (PublishedPort port in running.Where(port => Holder(port) is null))
        {
            // A running container keeps its port even when a program of the host has taken it while no daemon held it.
            Keep(port, TryTake(port) ?? PortHolder.None);
        }

        firewall.Apply(_held.Keys);
    }

    /// <summary>Whether the host listens on IPv6 addresses: ports that name no address are then offered there too.</summary>
    public static bool HostHasIPv6 => PortHolder.HostHasIPv6();

    /// <summary>Publishes ports of a container: all of them or none.</summary>
    /// <returns>One for each address of each request, in their order.</returns>
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
                    taken.AddRange(Take(containerAddress, request));
                }

                AddElements(taken);
                ForgetDatagrams(taken);
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
                ForgetDatagrams(known);
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

    /// <summary>
    /// A client that goes on sending datagrams from one port to one port never begins a new flow: the kernel would lead it to where its first datagram went, a container that has
    /// gone, or the host before the port was published.
    /// </summary>
    private static void ForgetDatagrams(List<PublishedPort> ports)
    {
        const byte Udp = 17;
        List<PublishedPort> datagrams = ports.FindAll(port => port is { Protocol: PortProtocol.Udp, IsRelayed: false });
        if (datagrams.Count == 0)
        {
            return;
        }

        Lazy<HashSet<IPAddress>> local = new(LocalAddresses);
        bool IsMeant(TrackedFlow flow, PublishedPort port) => flow.DestinationPort == port.HostPort
            && (IsWildcard(port.HostAddress) ? IPAddress.IsLoopback(flow.Destination) || local.Value.Contains(flow.Destination) : flow.Destination.Equals(port.HostAddress));
        try
        {
            ConnectionTracking.Forget(flow => flow.Protocol == Udp && datagrams.Exists(port => IsMeant(flow, port)));
        }
        catch (LinuxException)
        {
            // A kernel without this interface: the port works for every new flow, and an old one ends when it has paused for half a minute.
        }
    }

    private static HashSet<IPAddress> LocalAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(link => link.GetIPProperties().UnicastAddresses).Select(address => address.Address)];

    private static IDisposable? TryTake(PublishedPort port)
    {
        try
        {
            return PortHolder.Take(port);
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
            if (_held.Remove(port, out IDisposable? reservation))
            {
                reservation.Dispose();
                _byNumber[(port.Protocol, port.HostPort)].Remove(port);
            }
        }
    }

    private void Keep(PublishedPort port, IDisposable holder)
    {
        _held[port] = holder;
        (CollectionsMarshal.GetValueRefOrAddDefault(_byNumber, (port.Protocol, port.HostPort), out _) ??= []).Add(port);
    }

    private List<PublishedPort> Take(IPAddress containerAddress, PortRequest request)
    {
        NetworkException? failure = null;
        foreach (int number in Candidates(request))
        {
            if (TryHoldAll(containerAddress, request, number, out failure) is { } held)
            {
                return held;
            }
        }

        bool single = request.FirstHostPort != 0 && request.FirstHostPort == request.LastHostPort;
        throw failure is not null && (single || failure.InnerException is SocketException) ? failure : new NetworkException("all ports are allocated");
    }

    /// <summary>The host ports that will do, in the order in which they are tried.</summary>
    private IEnumerable<int> Candidates(PortRequest request)
    {
        if (request.FirstHostPort != 0)
        {
            for (int number = request.FirstHostPort; number <= request.LastHostPort; number++)
            {
                yield return number;
            }

            yield break;
        }

        (int first, int last) = EphemeralRange();
        for (int tries = last - first + 1; tries > 0; tries--)
        {
            int number = _lastEphemeral.GetValueOrDefault(request.Protocol) + 1;
            number = number <= first || number > last ? first : number;
            _lastEphemeral[request.Protocol] = number;
            yield return number;
        }
    }

    /// <summary>Holds a port on all addresses of a request, or on none.</summary>
    private List<PublishedPort>? TryHoldAll(IPAddress containerAddress, PortRequest request, int number, out NetworkException? failure)
    {
        List<PublishedPort> held = [];
        failure = null;
        foreach (IPAddress address in request.HostAddresses)
        {
            PublishedPort port = new(request.Protocol, address, number, containerAddress, request.ContainerPort);
            failure = TryHold(port);
            if (failure is not null)
            {
                LetGo(held);
                return null;
            }

            held.Add(port);
        }

        return held;
    }

    /// <summary>Holds a port; the reason when it cannot be held, with the kernel's as its inner one.</summary>
    private NetworkException? TryHold(PublishedPort port)
    {
        if (Holder(port) is { } other)
        {
            return new NetworkException(string.Create(CultureInfo.InvariantCulture, $"Bind for {other.HostAddress}:{port.HostPort} failed: port is already allocated"));
        }

        try
        {
            Keep(port, PortHolder.Take(port));
            return null;
        }
        catch (SocketException e)
        {
            return new NetworkException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"failed to bind host port for {port.HostAddress}:{port.HostPort}:{port.ContainerAddress}:{port.ContainerPort}/{port.Protocol.Name()}: {PortHolder.Reason(e)}"),
                e);
        }
    }

    /// <summary>The held port that leaves no room for another; null when there is none.</summary>
    private PublishedPort? Holder(PublishedPort port) =>
        _byNumber.GetValueOrDefault((port.Protocol, port.HostPort))?.Find(other => Overlap(other.HostAddress, port.HostAddress));

    private static bool Overlap(IPAddress first, IPAddress second) => first.AddressFamily == second.AddressFamily
        && (first.Equals(second) || IsWildcard(first) || IsWildcard(second));

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

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
