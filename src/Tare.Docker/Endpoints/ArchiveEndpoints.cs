using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Bodies;
using Tare.Docker.Documents;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;
using Tare.Engine.Archives;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>Files of containers: export, changes, copies.</summary>
internal static class ArchiveEndpoints
{
    private const string StatHeader = "X-Docker-Container-Path-Stat";
    private const string TarType = "application/x-tar";

    /// <summary><c>GET /containers/{id}/export</c>.</summary>
    public static async Task ExportAsync(ApiRequest request)
    {
        using ArchiveSource source = await request.Engine.Archives.OpenExportAsync(request.Name, request.Aborted);
        await DirectResponse.SendAsync(request, source, "application/octet-stream");
    }

    /// <summary><c>GET /containers/{id}/changes</c>.</summary>
    public static async Task ChangesAsync(ApiRequest request)
    {
        List<ChangeDocument> changes = await Task.Run(() => request.Engine.Archives.Changes(request.Name).Select(static c => new ChangeDocument(c.Path, (int)c.Kind)).ToList());
        await request.WriteJsonAsync(changes.Count == 0 ? null! : changes, ApiRequest.Json.ListChangeDocument);
    }

    /// <summary><c>HEAD /containers/{id}/archive</c>.</summary>
    public static async Task StatAsync(ApiRequest request)
    {
        SetStat(request, await request.Engine.Archives.StatAsync(request.Name, PathOf(request), request.Aborted));
        await request.WriteStatusAsync(StatusCodes.Status200OK);
    }

    /// <summary><c>GET /containers/{id}/archive</c>.</summary>
    public static async Task ReadAsync(ApiRequest request)
    {
        using ArchiveSource source = await request.Engine.Archives.OpenPathAsync(request.Name, PathOf(request), request.Aborted);
        SetStat(request, source.Stat!);
        await DirectResponse.SendAsync(request, source, TarType);
    }

    /// <summary><c>PUT /containers/{id}/archive</c>.</summary>
    public static async Task WriteAsync(ApiRequest request)
    {
        using Stream archive = ArchiveBody.Open(request, request.Aborted);
        await request.Engine.Archives.ExtractAsync(
            request.Name, PathOf(request), archive, request.QueryBool("noOverwriteDirNonDir"), request.QueryBool("copyUIDGID"), request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status200OK);
    }

    private static string PathOf(ApiRequest request) => request.Query("path") is { Length: > 0 } path
        ? path
        : throw new EngineException(ErrorClass.InvalidArgument, "bad parameter: pathcannot be empty");

    private static void SetStat(ApiRequest request, PathStat stat)
    {
        PathStatDocument document = new(stat.Name, stat.Size, stat.Mode, GoTime.Format(stat.Modified), stat.LinkTarget);
        request.Context.Response.Headers[StatHeader] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(document, ApiRequest.Json.PathStatDocument));
    }
}
