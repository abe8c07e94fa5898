using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Tare.Engine.Errors;
using Tare.Network;
using Tare.Network.Ports;

namespace Tare.Engine.Networks;

/// <summary>
/// The default bridge network with its addresses. Where the machine cannot have one (no nftables library, no free subnet), the daemon works without it, and
/// containers that want it get the reason.
/// </summary>
internal sealed class DefaultBridge : IDisposable
{
    private const string NoBridge = "none";

    private readonly BridgeNetwork? _bridge;
    private readonly string _reason = "";

    private DefaultBridge(BridgeNetwork? bridge, AddressPool? pool, BridgeOptions? options, string reason)
    {
        _bridge = bridge;
        Pool = pool;
        Options = options;
        _reason = reason;
    }

    /// <summary>Its addresses; null when there is none.</summary>
    public AddressPool? Pool { get; }

    /// <summary>Its set-up; null when there is none.</summary>
    public BridgeOptions? Options { get; }

    /// <summary>The gateway with prefix length, to be kept for the next start; null when there is none.</summary>
    public string? Address => Options is null ? null : string.Create(CultureInfo.InvariantCulture, $"{Options.Gateway}/{Options.PrefixLength}");

    /// <summary>Makes the bridge.</summary>
    /// <exception cref="EngineException">InvalidArgument: the address of the set-up is wrong.</exception>
    /// <param name="setup">The engine's set-up.</param>
    /// <param name="last">The address of the last start, kept where the set-up names none; null for none.</param>
    /// <param name="published">Ports of containers that run already.</param>
    /// <param name="log">Takes the reason when there will be none.</param>
    public static DefaultBridge Make(TareEngineOptions setup, string? last, IReadOnlyList<PublishedPort> published, ILogger log)
    {
        if (setup.BridgeAddress is "" or NoBridge || setup.BridgeName == NoBridge)
        {
            return new DefaultBridge(null, null, null, "it is switched off (--bridge=none)");
        }

        try
        {
            string address = setup.BridgeAddress ?? last ?? SubnetChoice.Choose(setup.BridgeName);
            string[] words = address.Split('/');
            if (words.Length != 2 || !IPAddress.TryParse(words[0], out IPAddress? gateway) || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix))
            {
                throw new EngineException(ErrorClass.InvalidArgument, $"bridge address \"{address}\" is not an address with a prefix, such as 172.17.0.1/16");
            }

            BridgeOptions options = new()
            {
                Name = setup.BridgeName,
                Gateway = gateway,
                PrefixLength = prefix,
                Mtu = setup.Mtu > 0 ? setup.Mtu : 1500,
                Masquerade = setup.Masquerade,
                Filter = setup.Firewall,
                InterContainer = setup.InterContainer,
                DirectRouting = setup.DirectRouting,
                Forwarding = setup.Forwarding,
                DefaultGateway = setup.DefaultGateway is { } way ? IPAddress.Parse(way) : null,
            };
            AddressPool pool = new(gateway, prefix, setup.FixedCidr is { } range ? IPNetwork.Parse(range) : null);
            Reserve(pool, options.DefaultGateway);
            return new DefaultBridge(BridgeNetwork.Ensure(options, published), pool, options, "");
        }
        catch (NetworkException e)
        {
            Log.BridgeFailed(log, e.Message, e);
            return new DefaultBridge(null, null, null, e.Message);
        }
        catch (ArgumentException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, e.Message, e);
        }
    }

    private static void Reserve(AddressPool pool, IPAddress? defaultGateway)
    {
        if (defaultGateway is not null && !defaultGateway.Equals(pool.Gateway) && !pool.TryReserve(defaultGateway))
        {
            throw new ArgumentException($"invalid --default-gateway {defaultGateway}: it is not in the bridge's subnet {pool.Subnet}");
        }
    }

    /// <summary>The bridge.</summary>
    /// <exception cref="EngineException">Unavailable: there is none, with the reason.</exception>
    public BridgeNetwork Require() =>
        _bridge ?? throw new EngineException(ErrorClass.Unavailable, $"failed to set up container networking: the default bridge is not available: {_reason}");

    /// <summary>The bridge; null when there is none.</summary>
    public BridgeNetwork? TryGet() => _bridge;

    public void Dispose() => _bridge?.Dispose();
}
