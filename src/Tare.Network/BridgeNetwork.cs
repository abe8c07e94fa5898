using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;
using Tare.Linux.Netlink;
using Tare.Network.Firewall;
using Tare.Network.Ports;
using Tare.Network.Shaping;

namespace Tare.Network;

/// <summary>
/// A bridge with the firewall rules that it needs. Everything it makes is made again at the next start as it should be, whatever stood there. Any thread.
/// <code>
/// host                                              container's namespace (by a thread that enters and leaves it)
/// veth pair: port of the bridge here, up    ---->   eth0, born there, down
///                                                   no IPv6 on eth0; lo up; address, eth0 up, default route
/// </code>
/// Disconnecting needs no call: the pair ends with the container's namespace.
/// </summary>
public sealed class BridgeNetwork : IDisposable
{
    private const string VethPrefix = "veth";
    private const string InsideName = "eth0";
    private const int LoopbackIndex = 1;
    private static readonly NetworkNamespaceThread s_inside = new();
    private readonly BridgeOptions _options;
    private readonly BridgeFirewall _firewall;
    private readonly Lock _lock = new();
    private readonly RouteSocket _route;
    private readonly int _index;
    private readonly LinkShaper _shaper; // guarded by _lock

    private BridgeNetwork(BridgeOptions options, RouteSocket route, int index, BridgeFirewall firewall, PublishedPorts ports)
    {
        _options = options;
        _route = route;
        _index = index;
        _firewall = firewall;
        Ports = ports;
        _shaper = new LinkShaper(route, options.Name);
    }

    /// <summary>The ports of containers that the host offers.</summary>
    public PublishedPorts Ports { get; }

    /// <summary>Makes the bridge, its address and its rules, or takes over what stands already.</summary>
    /// <param name="options">How it shall be.</param>
    /// <param name="published">Ports of containers that run already; their connections go on undisturbed.</param>
    /// <exception cref="NetworkException">A step failed; the message names it.</exception>
    public static BridgeNetwork Ensure(BridgeOptions options, IReadOnlyList<PublishedPort>? published = null)
    {
        CheckName(options.Name);
        RouteSocket route = new();
        try
        {
            int index = EnsureInterface(route, options);
            if (options.Forwarding)
            {
                Sysctl.Write("ipv4/ip_forward", "1");
            }

            // Lets the host reach published ports by 127.0.0.1; the firewall keeps the containers from the host's loopback.
            Sysctl.Write($"ipv4/conf/{options.Name}/route_localnet", "1");
            Sysctl.TryWrite($"ipv6/conf/{options.Name}/accept_ra", "0");
            // Before the ports of running containers are held, which may take thousands of descriptors.
            NfTables.Open();
            BridgeFirewall firewall = new(FirewallRules.Of(options));
            return new BridgeNetwork(options, route, index, firewall, new PublishedPorts(firewall, published ?? []));
        }
        catch (Exception failure) when (failure is LinuxException or NfTablesException or DllNotFoundException)
        {
            route.Dispose();
            throw new NetworkException($"set up bridge \"{options.Name}\": {failure.Message}", failure);
        }
        catch (NetworkException)
        {
            route.Dispose();
            throw;
        }
    }

    /// <summary>Connects a container: a veth pair, an address, the default route.</summary>
    /// <param name="namespacePath">File of the container's network namespace.</param>
    /// <param name="address">Its address.</param>
    /// <param name="mac">Its MAC address; null, the default, for the one that stands for its IPv4 address.</param>
    /// <param name="publishes">Whether the container publishes ports. Then its port of the bridge sends back what it received (hairpin mode), which the
    /// container's way to its own published ports takes where bridged packets pass the firewall (br_netfilter). Default false.</param>
    /// <exception cref="NetworkException">A step failed; nothing is left.</exception>
    public Endpoint Connect(string namespacePath, IPAddress address, string? mac = null, bool publishes = false)
    {
        // Docker's form, and random: the pair of a container that has just ended may still have the name that an id would give.
        string host = string.Create(CultureInfo.InvariantCulture, $"{VethPrefix}{RandomNumberGenerator.GetInt32(0x1000_0000):x7}");
        try
        {
            MacAddress inside = mac is null ? MacAddress.For(address) : MacAddress.Parse(mac);
            using SafeFileHandle space = Open(namespacePath);
            lock (_lock)
            {
                _route.CreateVeth(host, _index, space, InsideName, inside.ToBytes(), _options.Mtu);
            }

            try
            {
                s_inside.Run(space, () => Configure(address));
                if (publishes)
                {
                    lock (_lock)
                    {
                        _route.SetHairpin(host);
                    }
                }
            }
            catch (IOException)
            {
                lock (_lock)
                {
                    _route.DeleteLink(host);
                }

                throw;
            }

            return new Endpoint(host, InsideName, address, inside.ToString());
        }
        catch (Exception failure) when (failure is LinuxException or FormatException)
        {
            throw new NetworkException($"connect a container to bridge \"{_options.Name}\": {failure.Message}", failure);
        }
    }

    /// <summary>Limits what a connected container receives and sends, or changes such limits.</summary>
    /// <exception cref="NetworkException">The kernel cannot; the message names what it lacks.</exception>
    /// <param name="hostInterface">The container's interface on the host.</param>
    /// <param name="limits">The limits.</param>
    public void Limit(string hostInterface, BandwidthLimits limits)
    {
        lock (_lock)
        {
            try
            {
                _shaper.Apply(hostInterface, limits);
            }
            catch (LinuxException failure)
            {
                throw new NetworkException($"limit bandwidth: {failure.Message}", failure);
            }
        }
    }

    /// <summary>The limits that the kernel holds for a container.</summary>
    /// <exception cref="NetworkException">They cannot be read.</exception>
    public BandwidthLimits ReadLimits(string hostInterface)
    {
        lock (_lock)
        {
            try
            {
                return _shaper.Read(hostInterface);
            }
            catch (LinuxException failure)
            {
                throw new NetworkException($"read bandwidth limits: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Takes away what the limits of a container leave behind after its interface.</summary>
    /// <exception cref="NetworkException">It failed.</exception>
    public void ForgetLimits(string hostInterface)
    {
        lock (_lock)
        {
            try
            {
                _shaper.Forget(hostInterface);
            }
            catch (LinuxException failure)
            {
                throw new NetworkException($"delete the interface of a bandwidth limit: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Sets the loopback interface of a namespace without a network up.</summary>
    /// <exception cref="NetworkException">It failed.</exception>
    public static void SetLoopbackUp(string namespacePath)
    {
        try
        {
            using SafeFileHandle space = Open(namespacePath);
            s_inside.Run(space, () =>
            {
                using RouteSocket route = new();
                route.SetUp(LoopbackIndex);
            });
        }
        catch (LinuxException failure)
        {
            throw new NetworkException($"set the loopback interface up: {failure.Message}", failure);
        }
    }

    /// <summary>Deletes ports of the bridge that belong to no container: what the death of a daemon between making a pair and noting it leaves.</summary>
    /// <param name="keep">Host interfaces of the running containers' endpoints.</param>
    /// <returns>Names of those deleted.</returns>
    /// <exception cref="NetworkException">It failed.</exception>
    public IReadOnlyList<string> RemoveStaleInterfaces(IReadOnlySet<string> keep)
    {
        try
        {
            lock (_lock)
            {
                List<string> stale = [.. _route.ListPorts(_index).Where(name => name.StartsWith(VethPrefix, StringComparison.Ordinal) && !keep.Contains(name)), .. _shaper.Stale(keep)];
                stale.ForEach(_route.DeleteLink);
                return stale;
            }
        }
        catch (LinuxException failure)
        {
            throw new NetworkException($"delete stale interfaces of bridge \"{_options.Name}\": {failure.Message}", failure);
        }
    }

    /// <summary>Removes the bridge and its rules; for uninstalling.</summary>
    /// <exception cref="NetworkException">It failed.</exception>
    public void Remove()
    {
        try
        {
            _firewall.Remove();
            lock (_lock)
            {
                _route.DeleteLink(_options.Name);
            }
        }
        catch (Exception failure) when (failure is LinuxException or NfTablesException)
        {
            throw new NetworkException($"remove bridge \"{_options.Name}\": {failure.Message}", failure);
        }
    }

    /// <summary>Lets go of the sockets that hold the host's ports; the bridge, its rules and the containers' connections stay.</summary>
    public void Dispose()
    {
        Ports.Dispose();
        _route.Dispose();
    }

    /// <summary>Names go into commands of the firewall and into paths below /proc/sys. At most 15 bytes: IFNAMSIZ without the NUL (linux/if.h).</summary>
    private static void CheckName(string name)
    {
        if (name.Length is 0 or > 15 || name is "." or ".." || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new NetworkException($"invalid bridge name \"{name}\": at most 15 letters, digits, dots, dashes and underscores");
        }
    }

    private static int EnsureInterface(RouteSocket route, BridgeOptions options)
    {
        bool made = route.TryCreateBridge(options.Name);
        if (!made && route.FindKind(options.Name) != "bridge")
        {
            throw new NetworkException($"set up bridge \"{options.Name}\": an interface of that name is there and is no bridge");
        }

        int index = route.FindIndex(options.Name) ?? throw new NetworkException($"bridge \"{options.Name}\" is gone as soon as it was made");
        if (made)
        {
            // A bridge without a MAC address of its own takes the lowest of its ports', which changes as containers come and go.
            route.SetMac(index, MacAddress.For(options.Gateway).ToBytes());
        }

        route.SetMtu(index, options.Mtu);

        foreach ((IPAddress address, int prefixLength) in route.ListAddresses(index).Where(a => !a.Address.Equals(options.Gateway) || a.PrefixLength != options.PrefixLength))
        {
            route.RemoveAddress(index, address, prefixLength);
        }

        route.AddAddress(index, options.Gateway, options.PrefixLength);
        route.SetUp(index);
        return index;
    }

    /// <summary>What is done inside the container's namespace.</summary>
    private void Configure(IPAddress address)
    {
        using RouteSocket route = new();
        int index = route.FindIndex(InsideName) ?? throw new NetworkException($"interface \"{InsideName}\" is not in the container");
        // As on Docker's default bridge: no IPv6 on the interface. Before it is up, so that no address is ever tried.
        Sysctl.TryWrite($"ipv6/conf/{InsideName}/disable_ipv6", "1");
        route.SetUp(LoopbackIndex);
        route.AddAddress(index, address, _options.PrefixLength);
        route.SetUp(index);
        route.AddDefaultRoute(_options.DefaultGateway ?? _options.Gateway, index);
    }

    private static SafeFileHandle Open(string path)
    {
        int fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return fd < 0 ? throw LinuxException.Last("open", path) : new SafeFileHandle(fd, ownsHandle: true);
    }
}
