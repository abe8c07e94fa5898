using Tare.Docker.Bodies;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Errors;
using Tare.Registry;

namespace Tare.Docker.Endpoints;

/// <summary>The ways by which images come here: pull and import.</summary>
internal static class ImageCreation
{
    /// <summary><c>POST /images/create</c>: pulls with <c>fromImage</c>, imports with <c>fromSrc</c>.</summary>
    public static Task CreateAsync(ApiRequest request)
    {
        string? image = request.Query("fromImage");
        return string.IsNullOrEmpty(image) ? ImportAsync(request) : PullAsync(request, image);
    }

    /// <summary>Puts the name and the tag or digest of a pull together.</summary>
    /// <param name="image">The name, maybe with a tag.</param>
    /// <param name="tag">A tag or a digest; null or empty for none.</param>
    public static string Reference(string image, string? tag) =>
        string.IsNullOrEmpty(tag) ? image : tag.Contains(':', StringComparison.Ordinal) ? $"{image}@{tag}" : $"{image}:{tag}";

    private static Task PullAsync(ApiRequest request, string image)
    {
        string reference = Reference(image, request.Query("tag"));
        string? platform = request.Query("platform") is { Length: > 0 } text ? text : null;
        RegistryAuth? auth = RegistryEndpoints.Credentials(request);
        ProgressStream progress = new(request);
        PullReporter reporter = new(progress);
        return progress.RunAsync(cancellationToken => HasTagOrDigest(reference)
            ? request.Engine.Images.PullAsync(reference, platform, auth, reporter, cancellationToken)
            : request.Engine.Images.PullAllAsync(reference, platform, auth, reporter, cancellationToken));
    }

    /// <summary>Whether a reference names one image; without, Docker pulls every tag of the repository.</summary>
    public static bool HasTagOrDigest(string reference) => reference.Contains('@', StringComparison.Ordinal) || reference.LastIndexOf(':') > reference.LastIndexOf('/');

    private static Task ImportAsync(ApiRequest request)
    {
        string? source = request.Query("fromSrc");
        if (source != "-")
        {
            throw new EngineException(ErrorClass.InvalidArgument, string.IsNullOrEmpty(source)
                ? "image create needs fromImage or fromSrc"
                : $"import from \"{source}\": only an archive in the request's body (fromSrc=-) can be imported");
        }

        ProgressStream progress = new(request);
        return progress.RunAsync(async cancellationToken =>
        {
            using Stream archive = ArchiveBody.Open(request, cancellationToken);
            string id = await request.Engine.Images.ImportAsync(
                archive, request.Query("repo"), request.Query("tag"), request.QueryAll("changes"), request.Query("message"), request.Query("platform"), cancellationToken);
            progress.Report(new ProgressDocument { Status = id });
        });
    }
}
