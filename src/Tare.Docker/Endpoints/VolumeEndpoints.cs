using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Errors;
using Tare.Engine.Volumes;

namespace Tare.Docker.Endpoints;

/// <summary>Operations on volumes.</summary>
internal static class VolumeEndpoints
{
    /// <summary><c>GET /volumes</c>.</summary>
    public static Task ListAsync(ApiRequest request)
    {
        (IReadOnlyList<VolumeSnapshot> volumes, IReadOnlyList<string> warnings) = request.Engine.Volumes.List(request.Filters());
        return request.WriteJsonAsync(new VolumeListDocument([.. volumes.Select(Document)], warnings.Count > 0 ? warnings : null), ApiRequest.Json.VolumeListDocument);
    }

    /// <summary><c>POST /volumes/create</c>.</summary>
    public static async Task CreateAsync(ApiRequest request)
    {
        CreateVolumeDocument create = await request.ReadJsonAsync(ApiRequest.Json.CreateVolumeDocument);
        VolumeSnapshot volume = await request.Engine.Volumes.CreateAsync(create.Name, create.Driver, create.DriverOpts, create.Labels, request.Aborted);
        await request.WriteJsonAsync(Document(volume), ApiRequest.Json.VolumeDocument, StatusCodes.Status201Created);
    }

    /// <summary><c>GET /volumes/{name}</c>.</summary>
    public static Task InspectAsync(ApiRequest request) =>
        request.WriteJsonAsync(Document(request.Engine.Volumes.Find(request.Name)), ApiRequest.Json.VolumeDocument);

    /// <summary><c>PUT /volumes/{name}</c>: only volumes of a swarm's cluster can be changed.</summary>
    public static Task UpdateAsync(ApiRequest request) =>
        throw new EngineException(ErrorClass.Unavailable, "volume update only valid for cluster volumes, but swarm is unavailable");

    /// <summary><c>DELETE /volumes/{name}</c>.</summary>
    public static async Task RemoveAsync(ApiRequest request)
    {
        await request.Engine.Volumes.RemoveAsync(request.Name, request.QueryBool("force"), request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /volumes/prune</c>: named volumes too for clients of versions before 1.42, which know no filter <c>all</c>.</summary>
    public static async Task PruneAsync(ApiRequest request)
    {
        (IReadOnlyList<string> removed, long bytes) = await request.Engine.Volumes.PruneAsync(request.Filters(), request.Version.Minor < 42, request.Aborted);
        await request.WriteJsonAsync(new VolumesPrunedDocument(removed, bytes), ApiRequest.Json.VolumesPrunedDocument);
    }

    /// <summary>The document of a volume.</summary>
    public static VolumeDocument Document(VolumeSnapshot volume) => new()
    {
        CreatedAt = GoTime.FormatSeconds(volume.Created),
        Driver = volume.Driver,
        Labels = volume.Labels,
        Mountpoint = volume.Mountpoint,
        Name = volume.Name,
        Options = volume.Options,
        Scope = volume.Scope,
        Status = volume.Status,
    };
}
