using System.Net;
using System.Net.Sockets;
using Tare.Daemon.Options;
using Tare.Engine;

namespace Tare.Daemon.Hosting;

/// <summary>Translates what the set-up says about the default bridge, and refuses what is wrong or not to be had here.</summary>
internal static class NetworkDefaults
{
    private const int SmallestMtu = 68; // RFC 791

    /// <summary>Adds it to the engine's set-up.</summary>
    /// <exception cref="OptionException">A value is wrong.</exception>
    public static TareEngineOptions Add(TareEngineOptions engine, DaemonOptions options)
    {
        Check(options);
        return engine with
        {
            InterContainer = options.InterContainer ?? engine.InterContainer,
            DirectRouting = options.DirectRouting ?? engine.DirectRouting,
            Forwarding = options.Forwarding ?? engine.Forwarding,
            UserlandProxy = options.UserlandProxy ?? engine.UserlandProxy,
            FixedCidr = options.FixedCidr ?? engine.FixedCidr,
            DefaultGateway = options.DefaultGateway ?? engine.DefaultGateway,
            PublishAddress = options.PublishAddress is null or "0.0.0.0" or "::" ? null : options.PublishAddress,
            HostGateways = options.HostGateways ?? engine.HostGateways,
        };
    }

    private static void Check(DaemonOptions options)
    {
        OptionException.Require(options.Mtu is null or 0 or >= SmallestMtu, $"invalid --mtu {options.Mtu}: want at least {SmallestMtu}");
        OptionException.Require(options.FixedCidr is not { } range || (IPNetwork.TryParse(range, out IPNetwork parsed) && parsed.BaseAddress.AddressFamily == AddressFamily.InterNetwork), $"invalid --fixed-cidr \"{options.FixedCidr}\": want an IPv4 subnet such as 172.17.4.0/24");
        OptionException.Require(options.DefaultGateway is not { } gateway || IsIPv4(gateway), $"invalid --default-gateway \"{options.DefaultGateway}\": want an IPv4 address");
        OptionException.Require(options.PublishAddress is not { } address || IPAddress.TryParse(address, out _), $"invalid --ip \"{options.PublishAddress}\": want an address");
        foreach (string host in options.HostGateways ?? [])
        {
            OptionException.Require(IPAddress.TryParse(host, out _), $"invalid --host-gateway-ip \"{host}\": want an address");
        }

        OptionException.Require(options.IPv6 != true && options.FixedCidrIPv6 is null && options.BridgeAddressIPv6 is null && options.DefaultGatewayIPv6 is null,
            "ipv6, fixed-cidr-v6, bip6, default-gateway-v6: the default bridge has no IPv6 here");
        OptionException.Require(options.FirewallBackend is null or "" or "nftables", $"firewall-backend: only nftables is here, not {options.FirewallBackend}");
        OptionException.Require(options.DefaultNetworkOptions is null or [], "default-network-opts: there are no user-defined networks here, which it is for");
    }

    private static bool IsIPv4(string text) => IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork;
}
