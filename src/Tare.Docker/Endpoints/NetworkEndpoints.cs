using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Networks;

namespace Tare.Docker.Endpoints;

/// <summary>Operations on networks.</summary>
internal static class NetworkEndpoints
{
    /// <summary><c>GET /networks</c>.</summary>
    public static Task ListAsync(ApiRequest request) =>
        request.WriteJsonAsync([.. request.Engine.Networks.List(request.Filters()).Select(n => Document(n, false))], ApiRequest.Json.ListNetworkDocument);

    /// <summary><c>GET /networks/{id}</c>.</summary>
    public static Task InspectAsync(ApiRequest request) =>
        request.WriteJsonAsync(Document(request.Engine.Networks.Find(request.Name), true), ApiRequest.Json.NetworkDocument);

    /// <summary><c>POST /networks/prune</c>.</summary>
    public static Task PruneAsync(ApiRequest request)
    {
        IReadOnlyList<string> removed = request.Engine.Networks.Prune(request.Filters());
        return request.WriteJsonAsync(new NetworksPrunedDocument(removed.Count == 0 ? null : removed), ApiRequest.Json.NetworksPrunedDocument);
    }

    private static NetworkDocument Document(NetworkSnapshot network, bool withContainers) => new()
    {
        Name = network.Name,
        Id = network.Id,
        Created = GoTime.Format(network.Created),
        Driver = network.Driver,
        Ipam = new IpamDocument("default", null, network.Subnet is null ? null : [new IpamPoolDocument(network.Subnet, network.Range, network.Gateway)]),
        Containers = withContainers
            ? network.Containers.ToDictionary(c => c.Key, c => new EndpointResourceDocument(c.Value.Name, c.Value.EndpointId, c.Value.MacAddress, c.Value.IPv4Address, ""))
            : new Dictionary<string, EndpointResourceDocument>(),
        Options = network.Options,
        Labels = network.Labels,
    };
}
