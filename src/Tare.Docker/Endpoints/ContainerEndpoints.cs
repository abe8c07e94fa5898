using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>Operations on containers that answer at once.</summary>
/// <param name="time">The clock.</param>
internal sealed class ContainerEndpoints(TimeProvider time)
{
    /// <summary><c>POST /containers/create</c>.</summary>
    public static async Task CreateAsync(ApiRequest request)
    {
        byte[] body = await request.ReadBodyAsync();
        CreateContainerRequest create = CreateCompatibility.Apply(
            CreateRequests.Parse(body, request.Query("name"), request.Query("platform")), request.Version, request.Engine.System.CgroupVersion);
        CreatedContainer created = await request.Engine.Containers.CreateAsync(create, request.Aborted);
        await request.WriteJsonAsync(new CreatedContainerDocument(created.Id, created.Warnings), ApiRequest.Json.CreatedContainerDocument, StatusCodes.Status201Created);
    }

    /// <summary><c>GET /containers/json</c>.</summary>
    public Task ListAsync(ApiRequest request)
    {
        ContainerFilter filter = new() { All = request.QueryBool("all"), Limit = Math.Max(0, request.QueryInt("limit") ?? 0), Filters = request.Filters() };
        return request.WriteJsonAsync(Summaries(request, filter, request.QueryBool("size")), ApiRequest.Json.ListContainerSummaryDocument);
    }

    /// <summary><c>GET /containers/{id}/json</c>.</summary>
    public static Task InspectAsync(ApiRequest request)
    {
        ContainerSnapshot container = request.Engine.Containers.Find(request.Name);
        ContainerDocument document = ContainerMapping.Inspect(container);
        if (request.QueryBool("size"))
        {
            (long writable, long all) = Sizes(request, container);
            document = document with { SizeRw = writable, SizeRootFs = all };
        }

        return request.WriteJsonAsync(document, ApiRequest.Json.ContainerDocument);
    }

    /// <summary><c>DELETE /containers/{id}</c>.</summary>
    public static async Task RemoveAsync(ApiRequest request)
    {
        if (request.QueryBool("link"))
        {
            await request.Engine.Containers.RemoveLinkAsync(request.Name);
        }
        else
        {
            await request.Engine.Containers.RemoveAsync(request.Name, request.QueryBool("force"), request.QueryBool("v"), request.Aborted);
        }

        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/start</c>.</summary>
    public static async Task StartAsync(ApiRequest request)
    {
        await request.Engine.Containers.StartAsync(request.Name, request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/stop</c>: 304 when it did not run.</summary>
    public static async Task StopAsync(ApiRequest request)
    {
        bool stopped = await request.Engine.Containers.StopAsync(request.Name, request.QueryInt("t"), request.Query("signal"), request.Aborted);
        await request.WriteStatusAsync(stopped ? StatusCodes.Status204NoContent : StatusCodes.Status304NotModified);
    }

    /// <summary><c>POST /containers/{id}/restart</c>.</summary>
    public static async Task RestartAsync(ApiRequest request)
    {
        await request.Engine.Containers.RestartAsync(request.Name, request.QueryInt("t"), request.Query("signal"), request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/kill</c>.</summary>
    public static async Task KillAsync(ApiRequest request)
    {
        await request.Engine.Containers.KillAsync(request.Name, request.Query("signal"), request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/pause</c>.</summary>
    public static async Task PauseAsync(ApiRequest request)
    {
        await request.Engine.Containers.PauseAsync(request.Name, request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/unpause</c>.</summary>
    public static async Task UnpauseAsync(ApiRequest request)
    {
        await request.Engine.Containers.UnpauseAsync(request.Name, request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/rename</c>.</summary>
    public static async Task RenameAsync(ApiRequest request)
    {
        await request.Engine.Containers.RenameAsync(request.Name, request.Query("name") ?? "", request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status204NoContent);
    }

    /// <summary><c>POST /containers/{id}/resize</c>.</summary>
    public static async Task ResizeAsync(ApiRequest request)
    {
        (int height, int width) = TerminalSize.FromQuery(request);
        await request.Engine.Containers.ResizeAsync(request.Name, height, width, request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status200OK);
    }

    /// <summary><c>GET /containers/{id}/top</c>.</summary>
    public static async Task TopAsync(ApiRequest request)
    {
        TopResult top = await request.Engine.Containers.TopAsync(request.Name, request.Query("ps_args"), request.Aborted);
        await request.WriteJsonAsync(new TopDocument(top.Processes, top.Titles), ApiRequest.Json.TopDocument);
    }

    /// <summary><c>POST /containers/prune</c>.</summary>
    public static async Task PruneAsync(ApiRequest request)
    {
        (IReadOnlyList<string> removed, long bytes) = await request.Engine.Containers.PruneAsync(request.Filters(), request.Aborted);
        await request.WriteJsonAsync(new ContainersPrunedDocument(removed, bytes), ApiRequest.Json.ContainersPrunedDocument);
    }

    /// <summary><c>GET /tare/containers/{id}/explain</c>: Tare's own.</summary>
    public static Task ExplainAsync(ApiRequest request) =>
        request.WriteJsonAsync(request.Engine.Containers.Explain(request.Name), ApiRequest.Json.ContainerExplanation);

    /// <summary><c>GET /system/df</c>; from version 1.42 on only of the types that are asked for.</summary>
    public Task DiskUsageAsync(ApiRequest request)
    {
        IReadOnlyList<string> types = request.Version.Minor < 42 ? [] : request.QueryAll("type");
        if (types.FirstOrDefault(type => type is not ("container" or "image" or "volume" or "build-cache")) is { } unknown)
        {
            throw new EngineException(ErrorClass.InvalidArgument, "unknown object type: " + unknown);
        }

        bool Wanted(string type) => types.Count == 0 || types.Contains(type);
        return request.WriteJsonAsync(
            new DiskUsageDocument(
                Wanted("image") ? request.Engine.Images.LayersSize() : 0,
                Wanted("image") ? [.. ImageEndpoints.Summaries(request, new()).Select(image => image with { SharedSize = request.Engine.Images.SharedSize(image.Id) })] : null,
                Wanted("container") ? Summaries(request, new ContainerFilter { All = true }, true) : null,
                Wanted("volume") ? VolumesWithUsage(request) : null,
                Wanted("build-cache") ? [] : null),
            ApiRequest.Json.DiskUsageDocument);
    }

    private static List<VolumeDocument> VolumesWithUsage(ApiRequest request)
    {
        IReadOnlyList<ContainerSnapshot> snapshots = request.Engine.Containers.List(new ContainerFilter { All = true });
        return [.. request.Engine.Volumes.List(request.Filters()).Volumes.Select(v => VolumeEndpoints.Document(v) with
        {
            UsageData = new VolumeUsageDocument(snapshots.Count(c => c.Mounts.Any(m => m.Type == "volume" && m.Name == v.Name)), request.Engine.Volumes.SizeOf(v.Name)),
        })];
    }

    private List<ContainerSummaryDocument> Summaries(ApiRequest request, ContainerFilter filter, bool withSizes)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<ContainerSummaryDocument> summaries = [];
        foreach (ContainerSnapshot container in request.Engine.Containers.List(filter))
        {
            ContainerSummaryDocument summary = ContainerMapping.Summary(container, now);
            if (request.Version.Minor < 46)
            {
                summary = summary with { HostConfig = summary.HostConfig with { Annotations = null } };
            }

            if (withSizes)
            {
                (long writable, long all) = Sizes(request, container);
                summary = summary with { SizeRw = writable, SizeRootFs = all };
            }

            summaries.Add(summary);
        }

        return summaries;
    }

    private static (long Writable, long All) Sizes(ApiRequest request, ContainerSnapshot container)
    {
        long writable = request.Engine.Containers.SizeOfWritableLayer(container.Id);
        return (writable, writable + request.Engine.Containers.SizeOfImage(container.Id));
    }
}
