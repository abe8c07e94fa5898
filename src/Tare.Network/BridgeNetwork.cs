using System.Net;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Netlink;
using Tare.Network.Firewall;

namespace Tare.Network;

/// <summary>A bridge with the firewall rules that it needs. Everything it makes is made again at the next start as it should be, whatever stood there.</summary>
public sealed class BridgeNetwork : IDisposable
{
    private const string VethPrefix = "veth";
    private const string InsideName = "eth0";
    private readonly BridgeOptions _options;
    private readonly Lock _lock = new();
    private readonly RouteSocket _route;
    private readonly int _index;

    private BridgeNetwork(BridgeOptions options, RouteSocket route, int index)
    {
        _options = options;
        _route = route;
        _index = index;
    }

    /// <summary>Makes the bridge, its address and its rules, or takes over what stands already.</summary>
    /// <exception cref="NetworkException">A step failed; the message names it.</exception>
    public static BridgeNetwork Ensure(BridgeOptions options)
    {
        RouteSocket route = new();
        try
        {
            if (route.TryCreateBridge(options.Name))
            {
                // A bridge without a MAC address of its own takes the lowest of its ports', which changes as containers come and go.
                route.SetMac(route.FindIndex(options.Name) ?? 0, RandomMac());
            }

            int index = route.FindIndex(options.Name) ?? throw new NetworkException($"bridge \"{options.Name}\" is gone as soon as it was made");
            route.AddAddress(index, options.Gateway, options.PrefixLength);
            route.SetUp(index);
            EnableForwarding();
            FirewallTable.Install(options);
            return new BridgeNetwork(options, route, index);
        }
        catch (LinuxException failure)
        {
            route.Dispose();
            throw new NetworkException($"set up bridge \"{options.Name}\": {failure.Message}", failure);
        }
    }

    /// <summary>Connects a container: a veth pair, an address, the default route.</summary>
    /// <param name="namespacePath">File of the container's network namespace.</param>
    /// <param name="address">Its address.</param>
    /// <param name="mac">Its MAC address; null makes one.</param>
    /// <exception cref="NetworkException">A step failed; nothing is left.</exception>
    public Endpoint Connect(string namespacePath, IPAddress address, string? mac = null)
    {
        string host = VethPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))[..7];
        byte[] macBytes = mac is null ? RandomMac() : Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
        try
        {
            using SafeFileHandle inside = Open(namespacePath);
            lock (_lock)
            {
                _route.CreateVeth(host, _index, inside, InsideName, macBytes, _options.Mtu);
            }

            // From here on the pair ends with the namespace; the caller ends that when it gives up.
            using RouteSocket route = RouteSocket.OpenIn(inside);
            int index = route.FindIndex(InsideName) ?? throw new NetworkException($"interface \"{InsideName}\" is not in the container");
            route.SetUp(1);
            route.AddAddress(index, address, _options.PrefixLength);
            route.SetUp(index);
            route.AddDefaultRoute(_options.Gateway, index);
            return new Endpoint(host, InsideName, address, string.Join(':', macBytes.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture))));
        }
        catch (LinuxException failure)
        {
            throw new NetworkException($"connect a container to bridge \"{_options.Name}\": {failure.Message}", failure);
        }
    }

    /// <summary>Sets the loopback interface of a namespace without a network up.</summary>
    public static void SetLoopbackUp(string namespacePath)
    {
        try
        {
            using SafeFileHandle inside = Open(namespacePath);
            using RouteSocket route = RouteSocket.OpenIn(inside);
            route.SetUp(1);
        }
        catch (LinuxException failure)
        {
            throw new NetworkException($"set the loopback interface up: {failure.Message}", failure);
        }
    }

    /// <summary>Removes the bridge and its rules; for uninstalling.</summary>
    public void Remove()
    {
        FirewallTable.Remove(_options.Name);
        lock (_lock)
        {
            _route.DeleteLink(_options.Name);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _route.Dispose();

    private static void EnableForwarding()
    {
        const string Path = "/proc/sys/net/ipv4/ip_forward";
        try
        {
            if (File.ReadAllText(Path).Trim() != "1")
            {
                File.WriteAllText(Path, "1");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new NetworkException($"switch IPv4 forwarding on: {failure.Message}", failure);
        }
    }

    // Locally administered, unicast (IEEE 802).
    private static byte[] RandomMac()
    {
        byte[] mac = RandomNumberGenerator.GetBytes(6);
        mac[0] = (byte)((mac[0] | 0x02) & 0xFE);
        return mac;
    }

    private static SafeFileHandle Open(string path)
    {
        int fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return fd < 0 ? throw LinuxException.Last("open", path) : new SafeFileHandle(fd, ownsHandle: true);
    }
}
