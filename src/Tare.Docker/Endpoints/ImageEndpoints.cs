using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Images;

namespace Tare.Docker.Endpoints;

/// <summary>Operations on images.</summary>
internal static class ImageEndpoints
{
    /// <summary><c>GET /images/json</c>.</summary>
    public static Task ListAsync(ApiRequest request) =>
        request.WriteJsonAsync(Summaries(request, new ImageFilter { Filters = request.Filters() }), ApiRequest.Json.ListImageSummaryDocument);

    /// <summary>The list of images.</summary>
    public static List<ImageSummaryDocument> Summaries(ApiRequest request, ImageFilter filter) =>
        [.. request.Engine.Images.List(filter).Select(image => new ImageSummaryDocument
        {
            Containers = image.Containers,
            Created = image.Created?.ToUnixTimeSeconds() ?? 0,
            Id = image.Id,
            Labels = image.Labels.Count == 0 ? null : image.Labels,
            RepoDigests = image.RepoDigests,
            RepoTags = image.RepoTags,
            Size = image.Size,
        })];

    /// <summary><c>GET /images/{name}/json</c>.</summary>
    public static Task InspectAsync(ApiRequest request)
    {
        ImageDetails image = request.Engine.Images.Inspect(request.Name, request.Version.Minor < 49 ? null : ImageArchiveEndpoints.PlatformOf(request));
        return request.WriteJsonAsync(Document(image), ApiRequest.Json.ImageDocument);
    }

    /// <summary><c>GET /images/{name}/history</c>.</summary>
    public static Task HistoryAsync(ApiRequest request) => request.WriteJsonAsync(
        [.. request.Engine.Images.History(request.Name).Select(step =>
            new ImageHistoryDocument(step.Comment, step.Created?.ToUnixTimeSeconds() ?? 0, step.CreatedBy, step.Id, step.Size, step.Tags.Count == 0 ? null : step.Tags))],
        ApiRequest.Json.ListImageHistoryDocument);

    /// <summary><c>POST /images/{name}/tag</c>.</summary>
    public static async Task TagAsync(ApiRequest request)
    {
        await request.Engine.Images.TagAsync(request.Name, request.Query("repo") ?? "", request.Query("tag"), request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status201Created);
    }

    /// <summary><c>DELETE /images/{name}</c>. The parameter <c>noprune</c> spares untagged parents, which images have none of here.</summary>
    public static async Task RemoveAsync(ApiRequest request)
    {
        IReadOnlyList<ImageRemoval> removed = await request.Engine.Images.RemoveAsync(request.Name, request.QueryBool("force"), request.Aborted);
        await request.WriteJsonAsync(Removals(removed), ApiRequest.Json.ListImageRemovalDocument);
    }

    /// <summary><c>POST /images/prune</c>.</summary>
    public static async Task PruneAsync(ApiRequest request)
    {
        (IReadOnlyList<ImageRemoval> removed, long bytes) = await request.Engine.Images.PruneAsync(request.Filters(), request.Aborted);
        await request.WriteJsonAsync(new ImagesPrunedDocument(removed.Count == 0 ? null : Removals(removed), bytes), ApiRequest.Json.ImagesPrunedDocument);
    }

    private static List<ImageRemovalDocument> Removals(IReadOnlyList<ImageRemoval> removed) => [.. removed.Select(r => new ImageRemovalDocument(r.Untagged, r.Deleted))];

    private static ImageDocument Document(ImageDetails image) => new()
    {
        Id = image.Id,
        RepoTags = image.RepoTags,
        RepoDigests = image.RepoDigests,
        Comment = image.Comment,
        Created = GoTime.Format(image.Created),
        Author = image.Author,
        Architecture = image.Architecture,
        Variant = image.Variant.Length == 0 ? null : image.Variant,
        Os = image.Os,
        Size = image.Size,
        GraphDriver = GraphDriver(image.LayerPaths),
        RootFs = new RootFsDocument("layers", image.DiffIds),
        Metadata = new ImageMetadataDocument(GoTime.Format(image.LastTagTime)),
        Config = Config(image.Config),
    };

    private static GraphDriverDocument GraphDriver(IReadOnlyList<string> layers)
    {
        SortedDictionary<string, string> data = new(StringComparer.Ordinal);
        if (layers.Count > 0)
        {
            data["UpperDir"] = layers[0];
        }

        if (layers.Count > 1)
        {
            data["LowerDir"] = string.Join(':', layers.Skip(1));
        }

        return new GraphDriverDocument(data, "overlay2");
    }

    // Empty is null here, whatever the image's own document says: dockerd's type leaves out what is empty.
    private static ImageConfigDocument Config(ContainerConfig config) => new()
    {
        ArgsEscaped = config.ArgsEscaped,
        Cmd = OrNull(config.Cmd),
        Entrypoint = OrNull(config.Entrypoint),
        Env = OrNull(config.Env),
        ExposedPorts = config.ExposedPorts is { Count: > 0 } ? config.ExposedPorts : null,
        Healthcheck = config.Healthcheck,
        Labels = config.Labels is { Count: > 0 } ? config.Labels : null,
        OnBuild = OrNull(config.OnBuild),
        Shell = OrNull(config.Shell),
        StopSignal = config.StopSignal,
        User = config.User,
        Volumes = config.Volumes is { Count: > 0 } ? config.Volumes : null,
        WorkingDir = config.WorkingDir,
    };

    private static List<string>? OrNull(List<string>? list) => list is { Count: > 0 } ? list : null;
}
