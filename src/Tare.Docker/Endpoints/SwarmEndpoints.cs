using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>What a daemon that is in no swarm, and has no managed plugins, answers. Clients ask for both to find out.</summary>
internal static class SwarmEndpoints
{
    private static readonly string[] s_resources = ["/nodes", "/services", "/tasks", "/secrets", "/configs"];

    /// <summary>The operations.</summary>
    public static IEnumerable<Route> Routes =>
    [
        new("POST", "/swarm/leave", _ => throw new EngineException(ErrorClass.Unavailable, "This node is not part of a swarm")),
        new("POST", "/swarm/init", RefuseToJoin),
        new("POST", "/swarm/join", RefuseToJoin),
        new("GET", "/swarm", RefuseToManage),
        new("GET", "/swarm/unlockkey", RefuseToManage),
        new("POST", "/swarm/update", RefuseToManage),
        new("POST", "/swarm/unlock", RefuseToManage),
        .. s_resources.SelectMany(resource => (Route[])
        [
            new("GET", resource, RefuseToManage),
            new("POST", resource + "/create", RefuseToManage),
            new("GET", resource + "/{id}", RefuseToManage),
            new("DELETE", resource + "/{id}", RefuseToManage),
            new("POST", resource + "/{id}/update", RefuseToManage),
            new("GET", resource + "/{id}/logs", RefuseToManage),
        ]),
        new("GET", "/plugins", request => request.WriteJsonAsync([], ApiRequest.Json.StringArray)),
        new("GET", "/plugins/{name*}/json", request => throw new EngineException(ErrorClass.NotFound, $"plugin \"{request.Name}\" not found")),
    ];

    private static Task RefuseToManage(ApiRequest request) => throw new EngineException(ErrorClass.Unavailable,
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.");

    private static Task RefuseToJoin(ApiRequest request) => throw new EngineException(ErrorClass.NotImplemented,
        "swarm mode is not available: this daemon serves one machine, and takes part in a cluster under Kubernetes");
}
