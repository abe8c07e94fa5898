using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Bodies;
using Tare.Docker.Documents;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Archives;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images.Archives;

namespace Tare.Docker.Endpoints;

/// <summary>Images of containers, images as archives, and back.</summary>
internal static class ImageArchiveEndpoints
{
    /// <summary><c>POST /commit</c>.</summary>
    public static async Task CommitAsync(ApiRequest request)
    {
        byte[] body = await request.ReadBodyAsync();
        CommitRequest commit = new()
        {
            Container = request.Query("container") ?? "",
            Repository = request.Query("repo"),
            Tag = request.Query("tag"),
            Author = request.Query("author") ?? "",
            Comment = request.Query("comment") ?? "",
            Changes = [.. request.QueryAll("changes").SelectMany(static text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries))],
            Pause = request.QueryBool("pause", otherwise: true),
            Config = ConfigOf(body),
        };
        string id = await request.Engine.Archives.CommitAsync(commit, request.Aborted);
        await request.WriteJsonAsync(new IdDocument(id), ApiRequest.Json.IdDocument, StatusCodes.Status201Created);
    }

    /// <summary><c>GET /images/get</c>.</summary>
    public static Task SaveAsync(ApiRequest request) => SaveAsync(request, request.QueryAll("names"));

    /// <summary><c>GET /images/{name}/get</c>.</summary>
    public static Task SaveOneAsync(ApiRequest request) => SaveAsync(request, [request.Name]);

    /// <summary><c>POST /images/load</c>.</summary>
    public static Task LoadAsync(ApiRequest request)
    {
        bool isQuiet = request.QueryBool("quiet");
        ProgressStream progress = new(request, failsInStream: true);
        return progress.RunAsync(async cancellationToken =>
        {
            using Stream archive = ArchiveBody.Open(request, cancellationToken);
            await request.Engine.ImageArchives.LoadAsync(
                archive,
                PlatformOf(request),
                step =>
                {
                    if (!isQuiet || step.Text is not null)
                    {
                        progress.Report(Line(step));
                    }
                },
                cancellationToken);
        });
    }

    private static async Task SaveAsync(ApiRequest request, IReadOnlyList<string> names)
    {
        using ArchiveSource source = request.Engine.ImageArchives.Save(names, PlatformOf(request));
        await DirectResponse.SendAsync(request, source, "application/x-tar");
    }

    private static ProgressDocument Line(LoadProgress step) => step.Text is not null
        ? new ProgressDocument { Stream = step.Text }
        : new ProgressDocument
        {
            Status = step.Status,
            ProgressDetail = new ProgressDetailDocument(step.Current, step.Total),
            Progress = ProgressText.Draw(step.Current, step.Total),
            Id = step.Id,
        };

    /// <summary>The platform of a request, which clients send as OCI's JSON.</summary>
    /// <exception cref="EngineException">InvalidArgument: there are several, or it is malformed.</exception>
    public static string? PlatformOf(ApiRequest request)
    {
        if (request.QueryAll("platform").Count > 1)
        {
            throw new EngineException(ErrorClass.InvalidArgument, "multiple platform parameters not supported");
        }

        string? text = request.Query("platform");
        if (string.IsNullOrEmpty(text) || text[0] != '{')
        {
            return text;
        }

        try
        {
            return JsonSerializer.Deserialize(text, Oci.Images.ImagesJson.Default.Platform)?.ToString();
        }
        catch (JsonException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"failed to parse platform: {e.Message}", e);
        }
    }

    private static ContainerConfig? ConfigOf(byte[] body) => body.AsSpan().Trim(" \t\r\n"u8) is { IsEmpty: false } text && !text.SequenceEqual("null"u8)
        ? BodyParser.Parse(body, ApiRequest.Json.ContainerConfig)
        : null;
}
