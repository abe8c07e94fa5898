using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Filtering;
using Tare.Engine.Lifecycle;

namespace Tare.Engine.Networks;

/// <summary>Networks: the default bridge, <c>host</c> and <c>none</c>.</summary>
public sealed class NetworkService
{
    private static readonly string[] s_default = ["bridge", "host", "none"];
    private readonly EngineParts _parts;
    private readonly DateTimeOffset _started;

    internal NetworkService(EngineParts parts)
    {
        _parts = parts;
        _started = parts.Time.GetUtcNow();
    }

    /// <summary>Lists networks.</summary>
    /// <param name="filters">Docker's filters: driver, id, label, name, scope, type, dangling.</param>
    public IReadOnlyList<NetworkSnapshot> List(IReadOnlyDictionary<string, IReadOnlyList<string>> filters)
    {
        Filters chosen = new(filters);
        chosen.Allow("dangling", "driver", "id", "label", "label!", "name", "scope", "type");
        bool? dangling = chosen.Boolean("dangling");
        return [.. All().Where(n =>
            chosen.Match("name", name => n.Name.Contains(name, StringComparison.Ordinal))
            && chosen.Match("id", id => n.Id.StartsWith(id, StringComparison.Ordinal))
            && chosen.Match("driver", driver => n.Driver == driver)
            && chosen.Match("scope", scope => scope == "local")
            && chosen.Match("type", type => type == "builtin")
            && chosen.MatchLabels(n.Labels)
            && dangling is not true)];
    }

    /// <summary>Removes networks that no container uses; the default ones, which stay, are all that there are.</summary>
    /// <param name="filters">Docker's filters: label, until.</param>
    /// <returns>Names of those removed.</returns>
    public IReadOnlyList<string> Prune(IReadOnlyDictionary<string, IReadOnlyList<string>> filters)
    {
        new Filters(filters).Allow("label", "label!", "until");
        return [.. All().Where(n => !s_default.Contains(n.Name)).Select(n => n.Name)];
    }

    /// <summary>Finds a network.</summary>
    /// <exception cref="EngineException">NotFound: <c>network x not found</c>.</exception>
    /// <param name="network">Id, unique prefix of one, or name.</param>
    public NetworkSnapshot Find(string network)
    {
        List<NetworkSnapshot> all = All();
        return all.Find(n => n.Name == network || n.Id == network)
            ?? all.Find(n => network.Length > 0 && n.Id.StartsWith(network, StringComparison.Ordinal))
            ?? throw EngineErrors.NoSuchNetwork(network);
    }

    private List<NetworkSnapshot> All() => [Snapshot("bridge", "bridge"), Snapshot("host", "host"), Snapshot("none", "null")];

    private NetworkSnapshot Snapshot(string name, string driver)
    {
        NetworkSnapshot network = new()
        {
            Id = NetworkIds.Of(_parts.Paths.DataRoot, name),
            Name = name,
            Driver = driver,
            Created = _started,
            Containers = Members(name),
        };
        return name == "bridge" ? _parts.Networks.Describe(network) : network;
    }

    private Dictionary<string, NetworkEndpoint> Members(string network)
    {
        Dictionary<string, NetworkEndpoint> members = [];
        foreach (ContainerSnapshot container in _parts.Containers.All.Select(c => c.Snapshot).Where(c => c.State.IsAlive))
        {
            if (container.Networks.TryGetValue(network, out EndpointSettings? endpoint))
            {
                string address = endpoint.IPAddress.Length > 0 ? $"{endpoint.IPAddress}/{endpoint.IPPrefixLen}" : "";
                members[container.Id] = new NetworkEndpoint(container.Name, endpoint.EndpointID, endpoint.MacAddress, address);
            }
        }

        return members;
    }
}
