using Tare.Registry;

namespace Tare.Engine.Images;

public sealed partial class ImageService
{
    /// <summary>Pulls an image from its registry and gives it its name.</summary>
    /// <exception cref="Errors.EngineException">NotFound, PermissionDenied, Unauthenticated, Unavailable or DataLoss: the image cannot be had. InvalidArgument: the platform is wrong.</exception>
    /// <param name="name">The reference; without tag or digest it means latest.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c>; null means this machine's.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Gets every step, from any thread.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    /// <returns>The image's id.</returns>
    public Task<string> PullAsync(string name, string? platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken) => throw _pending;
}
