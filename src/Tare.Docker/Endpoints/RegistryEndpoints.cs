using System.Text.Json;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Oci.Images;
using Tare.Registry;

namespace Tare.Docker.Endpoints;

/// <summary>Operations that ask registries: login, search, what a reference stands for, push.</summary>
internal static class RegistryEndpoints
{
    /// <summary><c>POST /auth</c>.</summary>
    public static async Task AuthAsync(ApiRequest request)
    {
        AuthRequestDocument given = await request.ReadJsonAsync(ApiRequest.Json.AuthRequestDocument);
        RegistryAuth auth = new(given.Username ?? "", given.Password ?? "", given.IdentityToken ?? "", given.RegistryToken ?? "");
        string identity = await request.Engine.Registry.LoginAsync(given.ServerAddress ?? "", auth, request.Aborted);
        await request.WriteJsonAsync(new AuthDocument("Login Succeeded", identity), ApiRequest.Json.AuthDocument);
    }

    /// <summary><c>GET /images/search</c>.</summary>
    public static async Task SearchAsync(ApiRequest request)
    {
        IReadOnlyList<SearchResult> found = await request.Engine.Registry.SearchAsync(
            request.Query("term") ?? "", request.QueryInt("limit") ?? 0, request.Filters(), Credentials(request), request.Aborted);
        await request.WriteJsonAsync([.. found.Select(result => new SearchResultDocument(result.Stars, result.IsOfficial, result.Name, result.IsAutomated, result.Description))], ApiRequest.Json.ListSearchResultDocument);
    }

    /// <summary><c>GET /distribution/{name}/json</c>.</summary>
    public static async Task DistributionAsync(ApiRequest request)
    {
        DistributionDetails details = await request.Engine.Registry.InspectAsync(request.Name, Credentials(request), request.Aborted);
        await request.WriteJsonAsync(
            new DistributionDocument(
                new DescriptorDocument(details.Descriptor.MediaType, details.Descriptor.Digest, details.Descriptor.Size),
                [.. details.Platforms.Select(platform => new DistributionPlatformDocument(platform.Architecture, platform.Os, platform.Variant))]),
            ApiRequest.Json.DistributionDocument);
    }

    /// <summary><c>POST /images/{name}/push</c>.</summary>
    public static Task PushAsync(ApiRequest request)
    {
        string? tag = request.Query("tag");
        string? platform = PlatformOf(request.Query("platform"));
        RegistryAuth? auth = Credentials(request);
        ProgressStream progress = new(request);
        return progress.RunAsync(async cancellationToken =>
        {
            foreach ((string pushedTag, PushedImage pushed) in await request.Engine.Images.PushAsync(request.Name, tag, platform, auth, new PullReporter(progress), cancellationToken))
            {
                progress.Report(new ProgressDocument { ProgressDetail = new ProgressDetailDocument(0, 0), Aux = new PushResultDocument(pushedTag, pushed.Digest.ToString(), pushed.SizeBytes) });
            }
        });
    }

    /// <summary>The credentials of the header <c>X-Registry-Auth</c>; null for none.</summary>
    public static RegistryAuth? Credentials(ApiRequest request)
        => RegistryAuthHeader.Parse(request.Context.Request.Headers["X-Registry-Auth"]) is { } given
            ? new RegistryAuth(given.Username ?? "", given.Password ?? "", given.IdentityToken ?? "", given.RegistryToken ?? "")
            : null;

    // A push names its platform as a JSON object (since 1.46).
    private static string? PlatformOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text, ImagesJson.Default.Platform)?.ToString();
        }
        catch (JsonException failure)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"failed to parse platform: \"{text}\" is no platform", failure);
        }
    }
}
