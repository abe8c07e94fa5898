using Tare.Oci.Images;
using Tare.Registry.Pulling;
using Tare.Registry.Pushing;
using Tare.Registry.Transport;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Registry;

/// <summary>
/// Moves images between registries (distribution-spec 1.1) and a machine's stores. May be used from any thread; layers that two pulls want at once are fetched once.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    private readonly LayerFetcher _layers;
    private readonly ImagePull _pull;
    private readonly SemaphoreSlim _uploads;

    /// <summary>Makes a client for a machine's stores.</summary>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="content">Where blobs go.</param>
    /// <param name="layers">Where layers are unpacked.</param>
    public RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers)
        : this(options, content, layers, new RegistryHttp(options))
    {
    }

    internal RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers, HttpMessageHandler secure, HttpMessageHandler insecure)
        : this(options, content, layers, new RegistryHttp(options, endpoint => endpoint.Insecure ? insecure : secure))
    {
    }

    private RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers, RegistryHttp http)
    {
        Documents = new RegistryDocuments(options, http);
        _layers = new LayerFetcher(content, layers, options);
        _pull = new ImagePull(content, _layers);
        _uploads = new SemaphoreSlim(options.MaximumUploads, options.MaximumUploads);
    }

    /// <summary>What needs no store of this machine: manifests, tags, logins, searches.</summary>
    public RegistryDocuments Documents { get; }

    /// <summary>Pulls an image: manifest, configuration and layers, which are unpacked while they come.</summary>
    /// <param name="reference">What to pull, with tag or digest.</param>
    /// <param name="platform">For which platform.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="hold">Told of the digests of content and the chain ids of layers that the image needs, before it is looked whether they are here: they must stay from then on.</param>
    /// <param name="progress">Gets every step.</param>
    /// <param name="cancellationToken">Gives up; layers that are whole stay until the next collection.</param>
    /// <exception cref="RegistryException">The image cannot be had; the message is Docker's where scripts look for it.</exception>
    public Task<PulledImage> PullAsync(
        ImageReference reference, Platform platform, RegistryAuth? auth, Action<Digest> hold, IProgress<PullProgress> progress, CancellationToken cancellationToken)
        => Documents.ReadAsync(reference, auth, repository => _pull.RunAsync(repository, reference, platform, hold, progress, cancellationToken));

    /// <summary>Pushes an image: layers that the registry lacks, several at once, the configuration, the manifest.</summary>
    /// <param name="image">What to push, and under which name.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Gets every step.</param>
    /// <param name="cancellationToken">Gives up; blobs that arrived stay in the registry until it collects them.</param>
    /// <exception cref="RegistryException">The registry does not take it; the message is Docker's where scripts look for it.</exception>
    public Task<PushedImage> PushAsync(PushImage image, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        string[] mounts = [.. image.Layers.SelectMany(layer => layer.MountFrom).Distinct()];
        return Documents.WriteAsync(image.Reference, auth, mounts, repository => new ImagePush(_uploads).RunAsync(repository, image, progress, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Documents.Dispose();
        _layers.Dispose();
        _uploads.Dispose();
    }
}
