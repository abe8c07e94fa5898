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

    /// <summary>The line of a pull's step.</summary>
    public static ProgressDocument Line(PullProgress step) => new()
    {
        Status = step.Status,
        ProgressDetail = step.Id is null ? null : new ProgressDetailDocument(step.Current, step.Total),
        Progress = step.Id is null ? null : ProgressText.Draw(step.Current, step.Total),
        Id = step.Id,
    };

    private static Task PullAsync(ApiRequest request, string image)
    {
        string reference = Reference(image, request.Query("tag"));
        string? platform = request.Query("platform") is { Length: > 0 } text ? text : null;
        RegistryAuth? auth = RegistryAuthHeader.Parse(request.Context.Request.Headers["X-Registry-Auth"]) is { } given
            ? new RegistryAuth(given.Username ?? "", given.Password ?? "", given.IdentityToken ?? "", given.RegistryToken ?? "")
            : null;
        ProgressStream progress = new(request);
        return progress.RunAsync(cancellationToken => request.Engine.Images.PullAsync(reference, platform, auth, new Reporter(progress), cancellationToken));
    }

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
            string id = await request.Engine.Images.ImportAsync(
                request.Context.Request.Body, request.Query("repo"), request.Query("tag"), request.QueryAll("changes"), request.Query("message"), request.Query("platform"), cancellationToken);
            progress.Report(new ProgressDocument { Status = id });
        });
    }

    // Progress<T> would hand the steps to the thread pool, which loses their order.
    private sealed class Reporter(ProgressStream stream) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => stream.Report(Line(value));
    }
}
