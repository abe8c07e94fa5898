using System.Net;
using Microsoft.Extensions.Logging;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.Links;
using Tare.Engine.Validation;
using Tare.Network;
using Tare.Network.Files;
using Tare.Network.Ports;
using Tare.Network.Shaping;

namespace Tare.Engine.Networks;

/// <summary>Gives a container its network: address and files before its process is made, the interfaces between its making and its start.</summary>
/// <param name="paths">Where containers lie.</param>
/// <param name="bridge">The default bridge.</param>
/// <param name="links">Links between its containers.</param>
/// <param name="options">Name servers and the like of containers that name none.</param>
/// <param name="log">Takes what fails on the way out.</param>
internal sealed class NetworkAttacher(EnginePaths paths, DefaultBridge bridge, ContainerLinks links, TareEngineOptions options, ILogger log)
{
    private const string BridgeName = "bridge";
    private readonly NetworkRecords _records = new(paths);

    /// <summary>Takes the address of a container that was running when the daemon started. Its ports were published when the bridge was set up.</summary>
    public void Restore(Container container)
    {
        if (container.Network is { } record && bridge.Pool is { } pool)
        {
            pool.TryReserve(IPAddress.Parse(record.IPAddress));
            SetEndpoint(container, record);
        }
    }

    /// <summary>Deletes interfaces of the bridge that belong to no container.</summary>
    /// <exception cref="NetworkException">It failed.</exception>
    /// <param name="containers">All containers.</param>
    /// <returns>Names of those deleted.</returns>
    public IReadOnlyList<string> RemoveStaleInterfaces(IEnumerable<Container> containers) =>
        bridge.TryGet()?.RemoveStaleInterfaces(containers.Select(c => c.Network?.HostInterface).OfType<string>().ToHashSet()) ?? [];

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
        EndpointPlan.RequireNetworks(container.Document.Endpoints, host.NetworkMode);
        IPAddress? address = null;
        if (host.NetworkMode == BridgeName && !container.Document.Config.NetworkDisabled)
        {
            bridge.Require();
            address = Allocate();
            container.Change(c => c.Network = new NetworkRecord { IPAddress = address.ToString() });
        }

        links.RequireRunning(container);
        string folder = paths.Container(container.Id);
        File.WriteAllText(folder + "/hostname", container.Document.Config.Hostname + "\n");
        WriteHosts(container, address);
        HostEntries.CheckNameServers(host.Dns);
        File.WriteAllText(folder + "/resolv.conf", ResolvConf.MakeFromHost(
            host.Dns is { Count: > 0 } ? host.Dns : options.Dns,
            host.DnsSearch is { Count: > 0 } ? host.DnsSearch : options.DnsSearch,
            host.DnsOptions is { Count: > 0 } ? host.DnsOptions : options.DnsOptions,
            sharesHostNetwork: host.NetworkMode == "host"));
        return new NetworkFiles(folder + "/hosts", folder + "/hostname", folder + "/resolv.conf");
    }

    /// <summary>Writes a running container's file of hosts anew, in its place: the container has it as a mount.</summary>
    public void RefreshHosts(Container container)
    {
        if (container.State.IsAlive && container.Network is { } record)
        {
            WriteHosts(container, IPAddress.Parse(record.IPAddress));
        }
    }

    private void WriteHosts(Container container, IPAddress? address)
    {
        HostConfig host = container.Document.HostConfig;
        ContainerConfig config = container.Document.Config;
        IReadOnlyList<string> extraHosts = host.ExtraHosts ?? [];
        IReadOnlyList<string> gateways = options.HostGateways.Count > 0 ? options.HostGateways : bridge.Pool is { } pool ? [pool.Gateway.ToString()] : [];
        File.WriteAllText(paths.Container(container.Id) + "/hosts", host.NetworkMode == "host"
            ? HostsFile.MakeForHostNetwork(extraHosts, gateways)
            : HostsFile.Make(extraHosts, gateways, address, config.Hostname, config.Domainname, links.Hosts(container)));
    }

    /// <summary>Publishes the ports of a container that has its address; needs nothing of its process.</summary>
    /// <exception cref="EngineException">Internal: a port is taken, in Docker's words, or the firewall refused. None is published then.</exception>
    public void Publish(Container container)
    {
        if (container.Network is not { } record || container.Document.Config.ExposedPorts is null or { Count: 0 })
        {
            return;
        }

        try
        {
            List<PortRequest> requests = PortPlan.Requests(container.Document.Config, container.Document.HostConfig, options.UserlandProxy && PublishedPorts.HostHasIPv6, options.PublishAddress);
            IReadOnlyList<PublishedPort> ports = bridge.Require().Ports.Publish(IPAddress.Parse(record.IPAddress), requests);
            container.Change(c => c.Network = record with { Ports = NetworkRecords.RecordsOf(ports) });
        }
        catch (NetworkException e)
        {
            throw new EngineException(
                ErrorClass.Internal,
                "failed to set up container networking: driver failed programming external connectivity on endpoint "
                + $"{container.Name} ({NetworkIds.Of(container.Id, BridgeName)}): {e.Message}",
                e);
        }
    }

    /// <summary>Sets up the interfaces in a container's new network namespace, after its ports were published.</summary>
    /// <exception cref="EngineException">Internal: a step failed; the pair of interfaces goes with the namespace, <see cref="Release"/> gives the rest back.</exception>
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
            if (container.Network is not { } record)
            {
                BridgeNetwork.SetLoopbackUp(file);
                return;
            }

            string? mac = container.Document.Config.MacAddress is { Length: > 0 } wanted ? wanted
                : container.Document.Endpoints.GetValueOrDefault(BridgeName)?.MacAddress is { Length: > 0 } endpointMac ? endpointMac : null;
            Endpoint endpoint = bridge.Require().Connect(file, IPAddress.Parse(record.IPAddress), mac, publishes: record.Ports.Count > 0);
            record = record with { HostInterface = endpoint.HostInterface, MacAddress = endpoint.MacAddress };
            container.Change(c => c.Network = record);
            _records.Write(container.Id, record);
            Limit(container);
            SetEndpoint(container, record);
            foreach (Container other in links.ThatLinkTo(container.Id))
            {
                RefreshHosts(other);
            }
        }
        catch (NetworkException e)
        {
            throw new EngineException(ErrorClass.Internal, $"failed to set up container networking: {e.Message}", e);
        }
    }

    /// <summary>Makes the bandwidth limits of a connected container hold; nothing happens without any.</summary>
    /// <exception cref="NetworkException">The kernel cannot; the message names what it lacks.</exception>
    private void Limit(Container container)
    {
        BandwidthLimits limits = NetworkLimits.Of(container.Document.HostConfig);
        if (limits != BandwidthLimits.None)
        {
            bridge.Require().Limit(container.Network!.HostInterface, limits);
        }
    }

    /// <summary>Changes the bandwidth limits of a container that runs.</summary>
    /// <exception cref="EngineException">Conflict: it is not on the bridge. Internal: the kernel cannot.</exception>
    public void ChangeLimits(Container container, BandwidthLimits limits)
    {
        if (container.Network is not { HostInterface.Length: > 0 } record)
        {
            throw new EngineException(ErrorClass.Conflict, $"Cannot update container {container.Id}: it has no network of its own whose bandwidth could be limited");
        }

        try
        {
            bridge.Require().Limit(record.HostInterface, limits);
        }
        catch (NetworkException e)
        {
            throw new EngineException(ErrorClass.Internal, $"Cannot update container {container.Id}: {e.Message}", e);
        }
    }

    /// <summary>The bandwidth limits that the kernel holds for a container.</summary>
    public BandwidthLimits ReadLimits(Container container)
    {
        try
        {
            return container.Network is { HostInterface.Length: > 0 } record && bridge.TryGet() is { } network ? network.ReadLimits(record.HostInterface) : BandwidthLimits.None;
        }
        catch (NetworkException e)
        {
            Log.LimitsUnreadable(log, container.Id, e);
            return BandwidthLimits.None;
        }
    }

    /// <summary>Gives back what a container held; its interfaces went with its namespace.</summary>
    public void Release(Container container)
    {
        if (container.Network is not { } record)
        {
            return;
        }

        container.Change(c => c.Network = null);
        try
        {
            bridge.TryGet()?.Ports.Withdraw(NetworkRecords.PortsOf(record));
            if (record.HostInterface.Length > 0 && !string.IsNullOrEmpty(container.Document.HostConfig.NetworkEgress))
            {
                bridge.TryGet()?.ForgetLimits(record.HostInterface);
            }
        }
        catch (NetworkException e)
        {
            // The next start of the daemon makes the firewall anew; the container's end goes on.
            Log.WithdrawFailed(log, container.Id, e);
        }

        bridge.Pool?.Release(IPAddress.Parse(record.IPAddress));
    }

    /// <summary>Adds addresses and options to what is told about the default bridge.</summary>
    public NetworkSnapshot Describe(NetworkSnapshot network) => bridge is not { Pool: { } pool, Options: { } setup } ? network : network with
    {
        Subnet = pool.Subnet,
        Range = pool.Range,
        Gateway = pool.Gateway.ToString(),
        Options = new Dictionary<string, string>
        {
            ["com.docker.network.bridge.default_bridge"] = "true",
            ["com.docker.network.bridge.enable_icc"] = setup.InterContainer ? "true" : "false",
            ["com.docker.network.bridge.enable_ip_masquerade"] = setup.Masquerade ? "true" : "false",
            ["com.docker.network.bridge.host_binding_ipv4"] = options.PublishAddress ?? "0.0.0.0",
            ["com.docker.network.bridge.name"] = setup.Name,
            ["com.docker.network.driver.mtu"] = setup.Mtu.ToString(System.Globalization.CultureInfo.InvariantCulture),
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

    private void SetEndpoint(Container container, NetworkRecord record)
    {
        EndpointSettings asked = container.Document.Endpoints.GetValueOrDefault(BridgeName) ?? new EndpointSettings();
        SortedDictionary<string, List<PortBinding>?> ports = PortPlan.InForce(container.Document.Config, record.Ports);
        container.Change(c =>
        {
            c.Endpoints[BridgeName] = new EndpointSettings
            {
                IPAMConfig = asked.IPAMConfig,
                Links = asked.Links,
                Aliases = asked.Aliases,
                DriverOpts = asked.DriverOpts,
                GwPriority = asked.GwPriority,
                NetworkID = asked.NetworkID,
                EndpointID = NetworkIds.Of(container.Id, BridgeName),
                MacAddress = record.MacAddress,
                IPAddress = record.IPAddress,
                IPPrefixLen = bridge.Pool?.PrefixLength ?? 0,
                Gateway = (bridge.Options?.DefaultGateway ?? bridge.Pool?.Gateway)?.ToString() ?? "",
            };
            c.Ports = ports;
        });
    }
}
