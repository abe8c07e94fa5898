using System.Net;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.Validation;
using Tare.Network;
using Tare.Network.Files;

namespace Tare.Engine.Networks;

/// <summary>Gives a container its network: address and files before its process is made, the interfaces between its making and its start.</summary>
/// <param name="paths">Where containers lie.</param>
/// <param name="bridge">The default bridge.</param>
/// <param name="dns">Name servers of containers that name none.</param>
internal sealed class NetworkAttacher(EnginePaths paths, DefaultBridge bridge, IReadOnlyList<string> dns)
{
    private const string BridgeName = "bridge";

    /// <summary>The endpoints that a request asks for, by network name.</summary>
    /// <exception cref="EngineException">NotFound: no such network. InvalidArgument: an address cannot be chosen on the default bridge.</exception>
    public Dictionary<string, EndpointSettings> Endpoints(HostConfig host, NetworkingConfig? networking)
    {
        if (Modes.IsContainer(host.NetworkMode, out _))
        {
            return [];
        }

        if (Modes.IsUserNetwork(host.NetworkMode))
        {
            throw new EngineException(ErrorClass.NotFound, $"failed to set up container networking: network {host.NetworkMode} not found");
        }

        EndpointSettings settings = networking?.EndpointsConfig?.GetValueOrDefault(host.NetworkMode)
            ?? networking?.EndpointsConfig?.GetValueOrDefault("default") ?? new EndpointSettings();
        if (settings.IPAMConfig is { IPv4Address.Length: > 0 } or { IPv6Address.Length: > 0 })
        {
            EngineErrors.ThrowInvalid(
                $"invalid config for network {host.NetworkMode}: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only");
        }

        settings.NetworkID = NetworkIds.Of(paths.DataRoot, host.NetworkMode);
        return new() { [host.NetworkMode] = settings };
    }

    /// <summary>Takes the address of a container that was running when the daemon started.</summary>
    public void Restore(Container container)
    {
        if (container.Run.IPAddress is { } text && IPAddress.TryParse(text, out IPAddress? address) && bridge.Pool is { } pool)
        {
            pool.TryReserve(address);
            SetEndpoint(container, address, container.Run.MacAddress ?? "");
        }
    }

    /// <summary>Gives a container that is about to start an address, and writes its files.</summary>
    /// <param name="container">The container.</param>
    /// <param name="joined">The container whose network it joins; null for none.</param>
    public NetworkFiles Prepare(Container container, Container? joined)
    {
        if (joined is not null)
        {
            string other = paths.Container(joined.Id);
            return new NetworkFiles(other + "/hosts", other + "/hostname", other + "/resolv.conf");
        }

        HostConfig host = container.Document.HostConfig;
        IPAddress? address = null;
        if (host.NetworkMode == BridgeName && !container.Document.Config.NetworkDisabled)
        {
            bridge.Require();
            address = Allocate();
            container.Change(c => c.Run.IPAddress = address.ToString());
        }

        string folder = paths.Container(container.Id);
        File.WriteAllText(folder + "/hostname", container.Document.Config.Hostname + "\n");
        ContainerConfig config = container.Document.Config;
        IReadOnlyList<string> extraHosts = host.ExtraHosts ?? [];
        File.WriteAllText(folder + "/hosts", host.NetworkMode == "host"
            ? HostsFile.MakeForHostNetwork(extraHosts, bridge.Pool?.Gateway)
            : HostsFile.Make(extraHosts, bridge.Pool?.Gateway, address, config.Hostname, config.Domainname));
        File.WriteAllText(folder + "/resolv.conf", ResolvConf.MakeFromHost(
            host.Dns is { Count: > 0 } ? host.Dns : dns,
            host.DnsSearch ?? [],
            host.DnsOptions ?? [],
            sharesHostNetwork: host.NetworkMode == "host"));
        return new NetworkFiles(folder + "/hosts", folder + "/hostname", folder + "/resolv.conf");
    }

    /// <summary>Sets up the interfaces in a container's new network namespace.</summary>
    /// <exception cref="EngineException">Internal: a step failed; the pair of interfaces goes with the namespace.</exception>
    /// <param name="container">The container.</param>
    /// <param name="pid">Its process, which waits at its gate.</param>
    public void Connect(Container container, int pid)
    {
        string mode = container.Document.HostConfig.NetworkMode;
        if (mode == "host" || Modes.IsContainer(mode, out _))
        {
            return;
        }

        string file = $"/proc/{pid}/ns/net";
        try
        {
            if (container.Run.IPAddress is not { } text)
            {
                BridgeNetwork.SetLoopbackUp(file);
                return;
            }

            string? mac = container.Document.Config.MacAddress is { Length: > 0 } wanted ? wanted
                : container.Document.Endpoints.GetValueOrDefault(BridgeName)?.MacAddress is { Length: > 0 } endpointMac ? endpointMac : null;
            Endpoint endpoint = bridge.Require().Connect(file, IPAddress.Parse(text), mac);
            container.Change(c => (c.Run.HostInterface, c.Run.MacAddress) = (endpoint.HostInterface, endpoint.MacAddress));
            SetEndpoint(container, endpoint.Address, endpoint.MacAddress);
        }
        catch (NetworkException e)
        {
            throw new EngineException(ErrorClass.Internal, $"failed to set up container networking: {e.Message}", e);
        }
    }

    /// <summary>Gives back what a container held; its interfaces went with its namespace.</summary>
    public void Release(Container container)
    {
        if (container.Run.IPAddress is { } text && IPAddress.TryParse(text, out IPAddress? address))
        {
            container.Change(c => (c.Run.IPAddress, c.Run.HostInterface, c.Run.MacAddress) = (null, null, null));
            bridge.Pool?.Release(address);
        }
    }

    /// <summary>Adds addresses and options to what is told about the default bridge.</summary>
    public NetworkSnapshot Describe(NetworkSnapshot network) => bridge is not { Pool: { } pool, Options: { } options } ? network : network with
    {
        Subnet = pool.Subnet,
        Gateway = pool.Gateway.ToString(),
        Options = new Dictionary<string, string>
        {
            ["com.docker.network.bridge.default_bridge"] = "true",
            ["com.docker.network.bridge.enable_icc"] = "true",
            ["com.docker.network.bridge.enable_ip_masquerade"] = options.Masquerade ? "true" : "false",
            ["com.docker.network.bridge.host_binding_ipv4"] = "0.0.0.0",
            ["com.docker.network.bridge.name"] = options.Name,
            ["com.docker.network.driver.mtu"] = options.Mtu.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    private IPAddress Allocate()
    {
        try
        {
            return bridge.Pool!.Allocate();
        }
        catch (NetworkException e)
        {
            throw new EngineException(ErrorClass.ResourceExhausted, $"failed to set up container networking: {e.Message}", e);
        }
    }

    private void SetEndpoint(Container container, IPAddress address, string mac)
    {
        EndpointSettings asked = container.Document.Endpoints.GetValueOrDefault(BridgeName) ?? new EndpointSettings();
        container.Change(c => c.Endpoints[BridgeName] = new EndpointSettings
        {
            IPAMConfig = asked.IPAMConfig,
            Links = asked.Links,
            Aliases = asked.Aliases,
            DriverOpts = asked.DriverOpts,
            GwPriority = asked.GwPriority,
            NetworkID = asked.NetworkID,
            EndpointID = NetworkIds.Of(container.Id, BridgeName),
            MacAddress = mac,
            IPAddress = address.ToString(),
            IPPrefixLen = bridge.Pool?.PrefixLength ?? 0,
            Gateway = bridge.Pool?.Gateway.ToString() ?? "",
        });
    }
}
