using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Registry;

namespace Tare.Docker.Endpoints;

/// <summary>Manifests in registries, for clients that make manifest lists. Docker's API has nothing of the kind.</summary>
internal static class ManifestEndpoints
{
    private const int MaximumManifest = 4 << 20;

    /// <summary><c>GET /tare/manifests/{name}</c>: the document as it stands in the registry.</summary>
    public static async Task GetAsync(ApiRequest request)
    {
        (byte[] content, string mediaType) = await request.Engine.Registry.GetManifestAsync(request.Name, request.QueryBool("insecure"), RegistryEndpoints.Credentials(request), request.Aborted);
        await WriteAsync(request, content, mediaType);
    }

    /// <summary><c>GET /tare/blobs/{name}?digest=</c>: a small blob.</summary>
    public static async Task GetBlobAsync(ApiRequest request)
    {
        byte[] content = await request.Engine.Registry.ReadBlobAsync(
            request.Name, request.Query("digest") ?? "", request.QueryBool("insecure"), RegistryEndpoints.Credentials(request), request.Aborted);
        await WriteAsync(request, content, "application/octet-stream");
    }

    /// <summary><c>PUT /tare/manifests/{name}?mount=DIGEST@PATH</c>: puts a document of the type that the request says.</summary>
    public static async Task PutAsync(ApiRequest request)
    {
        HttpRequest http = request.Context.Request;
        if (http.ContentLength is > MaximumManifest)
        {
            await request.WriteStatusAsync(StatusCodes.Status413PayloadTooLarge);
            return;
        }

        using MemoryStream content = new();
        await http.Body.CopyToAsync(content, request.Aborted);
        string digest = await request.Engine.Registry.PutManifestAsync(
            request.Name, new PushManifest(content.ToArray(), http.ContentType ?? ""), request.QueryAll("mount"), request.QueryBool("insecure"), RegistryEndpoints.Credentials(request), request.Aborted);
        await request.WriteJsonAsync(new IdDocument(digest), ApiRequest.Json.IdDocument, StatusCodes.Status201Created);
    }

    private static async Task WriteAsync(ApiRequest request, byte[] content, string mediaType)
    {
        request.Context.Response.ContentType = mediaType;
        request.Context.Response.ContentLength = content.Length;
        await request.Context.Response.Body.WriteAsync(content, request.Aborted);
    }
}
