using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Tare.Oci.Images;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Registry;

/// <summary>Pulls images from registries (distribution-spec 1.1). May be used from any thread; layers that two pulls want at once are fetched once.</summary>
public sealed class RegistryClient : IDisposable
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(30);

    private readonly RegistryOptions _options;
    private readonly HttpClient _secure;
    private readonly HttpClient _insecure;
    private readonly LayerFetcher _layers;

    /// <summary>Makes a client for a machine's stores.</summary>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="content">Where blobs go.</param>
    /// <param name="layers">Where layers are unpacked.</param>
    public RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers)
        : this(options, content, layers, Handler(checkCertificates: true), Handler(checkCertificates: false))
    {
    }

    internal RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers, HttpMessageHandler secure, HttpMessageHandler insecure)
    {
        _options = options;
        Content = content;
        _secure = Client(secure);
        _insecure = Client(insecure);
        _layers = new LayerFetcher(content, layers, options);
    }

    private ContentStore Content { get; }

    /// <summary>Pulls an image: manifest, configuration and layers, which are unpacked while others are still on their way.</summary>
    /// <param name="reference">What to pull, with tag or digest.</param>
    /// <param name="platform">For which platform.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Gets every step.</param>
    /// <param name="cancellationToken">Gives up; layers that are whole stay until the next collection.</param>
    /// <exception cref="RegistryException">The image cannot be had; the message is Docker's where scripts look for it.</exception>
    public async Task<PulledImage> PullAsync(ImageReference reference, Platform platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        RegistryException? last = null;
        foreach (Endpoint endpoint in Endpoint.Of(reference, _options))
        {
            using RepositoryClient repository = new(endpoint.Insecure ? _insecure : _secure, endpoint, reference, endpoint.IsMirror ? null : auth, _options);
            try
            {
                return await PullAsync(repository, reference, platform, progress, cancellationToken);
            }
            catch (RegistryException failure) when (failure.Kind != RegistryErrorKind.NoSpace && (endpoint.IsMirror || (failure.Kind == RegistryErrorKind.Unavailable && !repository.HasAnswered)))
            {
                // The next place may do better. One that speaks the protocol is the right one, whatever it answered.
                last = endpoint.IsMirror ? last : failure;
            }
        }

        throw last!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _secure.Dispose();
        _insecure.Dispose();
        _layers.Dispose();
    }

    private async Task<PulledImage> PullAsync(RepositoryClient repository, ImageReference reference, Platform platform, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        string name = reference.Digest?.ToString() ?? reference.Tag ?? "latest";
        (byte[] document, string mediaType) = await repository.GetManifestAsync(name, cancellationToken);
        progress.Report(new PullProgress(name, $"Pulling from {reference.Path}"));
        Digest? index = null;
        if (MediaTypes.IsIndex(mediaType))
        {
            index = Digest.Of(document);
            Descriptor chosen = Parse(document, ImagesJson.Default.ImageIndex, reference).Select(platform)
                ?? throw new RegistryException(RegistryErrorKind.NotFound, $"no matching manifest for {platform} in the manifest list entries");
            await Content.StoreAsync(document, cancellationToken);
            (document, mediaType) = await repository.GetManifestAsync(DigestOf(chosen, reference).ToString(), cancellationToken);
        }

        ImageManifest manifest = Parse(document, ImagesJson.Default.ImageManifest, reference);
        CheckMediaTypes(manifest);
        Descriptor config = manifest.Config ?? throw Broken(reference, "it has no config");
        Digest configDigest = DigestOf(config, reference);
        byte[] configBytes = await _layers.FetchDocumentAsync(repository, configDigest, config.Size, cancellationToken);
        ImageConfiguration configuration = Parse(configBytes, ImagesJson.Default.ImageConfiguration, reference);
        Check(manifest, configuration, reference);
        // Docker speaks of an image's layers only where the image is new.
        bool isKnown = Content.Contains(Digest.Of(document));
        List<Digest> layerDigests = [.. manifest.Layers.Select(layer => DigestOf(layer, reference))];
        IReadOnlyList<Digest> chainIds = await _layers.FetchAsync(repository, manifest.Layers, configuration, isKnown, progress, cancellationToken);
        await Content.StoreAsync(document, cancellationToken);
        PulledImage image = new()
        {
            ConfigDigest = configDigest,
            ManifestDigest = Digest.Of(document),
            IndexDigest = index,
            Configuration = configuration,
            LayerDigests = layerDigests,
            ChainIds = chainIds,
        };
        progress.Report(new PullProgress(null, $"Digest: {image.ReferenceDigest}"));
        return image;
    }

    // Charts, signatures and other artifacts have manifests too.
    private static void CheckMediaTypes(ImageManifest manifest)
    {
        string? type = manifest.Config?.MediaType;
        if (type is not (null or "" or MediaTypes.OciConfig or MediaTypes.DockerConfig))
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"unsupported media type {type}");
        }
    }

    private static void Check(ImageManifest manifest, ImageConfiguration configuration, ImageReference reference)
    {
        if (manifest.Layers.Count != configuration.RootFs.DiffIds.Count)
        {
            throw Broken(reference, $"it has {manifest.Layers.Count} layers and its config {configuration.RootFs.DiffIds.Count}");
        }

        if (configuration.Os is not ("" or "linux"))
        {
            throw new RegistryException(RegistryErrorKind.NotFound, $"image operating system \"{configuration.Os}\" cannot be used on this platform: operating system is not supported");
        }
    }

    private static Digest DigestOf(Descriptor descriptor, ImageReference reference)
        => Digest.TryParse(descriptor.Digest, out Digest digest) ? digest : throw Broken(reference, $"\"{descriptor.Digest}\" is no digest");

    private static T Parse<T>(byte[] document, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, ImageReference reference)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(document, type) ?? throw Broken(reference, "a document is null");
        }
        catch (JsonException failure)
        {
            throw Broken(reference, string.Create(CultureInfo.InvariantCulture, $"invalid JSON in line {failure.LineNumber + 1}, byte {failure.BytePositionInLine}"));
        }
    }

    private static RegistryException Broken(ImageReference reference, string reason)
        => new(RegistryErrorKind.Protocol, $"the manifest of {reference.Familiar} is broken: {reason}");

    private static HttpClient Client(HttpMessageHandler handler)
    {
        HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("tare", typeof(RegistryClient).Assembly.GetName().Version?.ToString(3)));
        return client;
    }

    private static SocketsHttpHandler Handler(bool checkCertificates)
    {
        SocketsHttpHandler handler = new() { ConnectTimeout = s_connectTimeout, MaxAutomaticRedirections = 10, Proxy = new RegistryProxy(HttpClient.DefaultProxy) };
        if (!checkCertificates)
        {
#pragma warning disable CA5359 // the user named this registry as one whose certificate is not checked
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return handler;
    }
}
