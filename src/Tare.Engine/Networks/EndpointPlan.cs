using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.Validation;
using Tare.Network;

namespace Tare.Engine.Networks;

/// <summary>Works out the endpoints that a create request asks for, and refuses what no network here can do: nothing that was asked for is passed over in silence.</summary>
/// <param name="dataRoot">The daemon's data root, which the ids of networks come from.</param>
internal sealed class EndpointPlan(string dataRoot)
{
    private static readonly string[] s_predefined = ["bridge", "host", "none"];

    /// <summary>The endpoints of a container, by network name. A network that does not exist is refused at the start, as dockerd does: a client takes NotFound at
    /// create for a missing image.</summary>
    /// <exception cref="EngineException">InvalidArgument, in Docker's words. NotImplemented: links, link-local addresses, driver options.</exception>
    /// <param name="config">What runs.</param>
    /// <param name="host">How it runs, with its defaults.</param>
    /// <param name="networking">The endpoints that the request names.</param>
    /// <param name="containers">Other containers, for links.</param>
    public Dictionary<string, EndpointSettings> Make(ContainerConfig config, HostConfig host, NetworkingConfig? networking, ContainerTable containers)
    {
        if (config.NetworkDisabled || Modes.IsContainer(host.NetworkMode, out _))
        {
            return [];
        }

        CheckMac(host.NetworkMode, config.MacAddress ?? "");
        Dictionary<string, EndpointSettings> endpoints = new() { [host.NetworkMode] = new EndpointSettings() };
        foreach ((string key, EndpointSettings? asked) in networking?.EndpointsConfig ?? [])
        {
            string name = key == "default" ? host.NetworkMode : key;
            EndpointSettings settings = asked ?? new EndpointSettings();
            CheckMac(name, settings.MacAddress);
            if (s_predefined.Contains(name))
            {
                CheckPredefined(name, settings, containers);
            }

            endpoints[name] = settings;
        }

        JoinMac(config, endpoints[host.NetworkMode]);

        foreach ((string name, EndpointSettings settings) in endpoints)
        {
            settings.NetworkID = s_predefined.Contains(name) ? NetworkIds.Of(dataRoot, name) : "";
        }

        return endpoints;
    }

    /// <summary>Checks that the networks of a container that is about to start exist.</summary>
    /// <exception cref="EngineException">NotFound: one does not. InvalidArgument: a predefined network is no second one.</exception>
    /// <param name="endpoints">Its endpoints, by network name.</param>
    /// <param name="mode">Its network mode.</param>
    public static void RequireNetworks(IReadOnlyDictionary<string, EndpointSettings> endpoints, string mode)
    {
        const string Failed = "failed to set up container networking: ";
        foreach (string name in endpoints.Keys)
        {
            if (!s_predefined.Contains(name))
            {
                throw new EngineException(ErrorClass.NotFound, $"{Failed}network {name} not found");
            }

            if (name != mode)
            {
                EngineErrors.ThrowInvalid(name == "host"
                    ? Failed + "cannot connect container to host network - container must be created in host network mode"
                    : $"{Failed}cannot connect container to network {name} beside network {mode}");
            }
        }
    }

    private static void CheckPredefined(string network, EndpointSettings settings, ContainerTable containers)
    {
        List<string> faults = [];
        if (settings.Aliases is { Count: > 0 })
        {
            faults.Add("network-scoped alias is supported only for containers in user defined networks");
        }

        if (settings.IPAMConfig is { IPv4Address.Length: > 0 } or { IPv6Address.Length: > 0 })
        {
            faults.Add("user specified IP address is supported on user defined networks only");
            faults.Add("user specified IP address is supported only when connecting to networks with user configured subnets");
        }

        if (faults.Count > 0)
        {
            string list = faults.Count == 1 ? faults[0] : string.Join('\n', faults.Select(fault => "* " + fault));
            EngineErrors.ThrowInvalid($"invalid config for network {network}: invalid endpoint settings:\n{list}");
        }

        CheckLinks(settings.Links, containers);
        if (settings.IPAMConfig?.LinkLocalIPs is { Count: > 0 } addresses)
        {
            throw new EngineException(ErrorClass.NotImplemented, $"link-local addresses are not supported on network {network}: {string.Join(", ", addresses)}");
        }

        if (settings.DriverOpts is { Count: > 0 } options)
        {
            throw new EngineException(ErrorClass.NotImplemented, $"options of the network driver are not supported on network {network}: {string.Join(", ", options.Keys)}");
        }
    }

    private static void CheckLinks(List<string>? links, ContainerTable containers)
    {
        foreach (string link in links ?? [])
        {
            string name = link.Split(':')[0];
            _ = containers.TryFind(name) ?? throw new EngineException(ErrorClass.InvalidArgument, $"could not get container for {name}: No such container: {name}");
            throw new EngineException(ErrorClass.NotImplemented, $"links to other containers are not supported: \"{link}\"");
        }
    }

    /// <summary>The address of the whole container is that of its main network's endpoint.</summary>
    private static void JoinMac(ContainerConfig config, EndpointSettings main)
    {
        string whole = config.MacAddress ?? "";
        if (whole.Length > 0 && main.MacAddress.Length > 0 && !string.Equals(whole, main.MacAddress, StringComparison.OrdinalIgnoreCase))
        {
            EngineErrors.ThrowInvalid("the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty");
        }

        main.MacAddress = main.MacAddress.Length > 0 ? main.MacAddress : whole;
        config.MacAddress = main.MacAddress.Length > 0 ? main.MacAddress : null;
    }

    private static void CheckMac(string network, string mac)
    {
        if (mac.Length == 0)
        {
            return;
        }

        try
        {
            MacAddress.Parse(mac);
        }
        catch (FormatException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"invalid config for network {network}: invalid MAC address {mac}", e);
        }
    }
}
