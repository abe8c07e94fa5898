using System.Globalization;
using System.Text.Json;
using Tare.Oci.Images;
using Tare.Storage.Content;

namespace Tare.Registry.Pulling;

/// <summary>Pulls an image from one endpoint: manifest, configuration and layers.</summary>
internal sealed class ImagePull(ContentStore content, LayerFetcher layers)
{
    /// <summary>Pulls.</summary>
    /// <exception cref="RegistryException">The image cannot be had.</exception>
    public async Task<PulledImage> RunAsync(RepositoryClient repository, ImageReference reference, Platform platform, Action<Digest> hold, IProgress<PullProgress> progress, CancellationToken cancellationToken)
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
            hold(index.Value);
            await content.StoreAsync(document, cancellationToken);
            (document, mediaType) = await repository.GetManifestAsync(DigestOf(chosen, reference).ToString(), cancellationToken);
        }

        ImageManifest manifest = Parse(document, ImagesJson.Default.ImageManifest, reference);
        CheckMediaTypes(manifest);
        Descriptor config = manifest.Config ?? throw Broken(reference, "it has no config");
        Digest configDigest = DigestOf(config, reference);
        hold(Digest.Of(document));
        hold(configDigest);
        byte[] configBytes = await layers.FetchDocumentAsync(repository, configDigest, config.Size, cancellationToken);
        ImageConfiguration configuration = Parse(configBytes, ImagesJson.Default.ImageConfiguration, reference);
        Check(manifest, configuration, reference);
        // Docker speaks of an image's layers only where the image is new.
        bool isKnown = content.Contains(Digest.Of(document));
        List<Digest> layerDigests = [.. manifest.Layers.Select(layer => DigestOf(layer, reference))];
        layerDigests.ForEach(hold);
        IReadOnlyList<Digest> chainIds = await layers.FetchAsync(repository, manifest.Layers, configuration, isKnown, hold, progress, cancellationToken);
        await content.StoreAsync(document, cancellationToken);
        PulledImage image = new()
        {
            ConfigDigest = configDigest,
            ManifestDigest = Digest.Of(document),
            IndexDigest = index,
            Configuration = configuration,
            Layers = manifest.Layers,
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

        if (manifest.Layers.Find(layer => layer.Size < 0) is { } negative)
        {
            throw Broken(reference, $"layer {negative.Digest} is announced with {negative.Size} bytes");
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
}
