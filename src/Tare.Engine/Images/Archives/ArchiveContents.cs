using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tare.Engine.Errors;
using Tare.Oci.Images;
using Tare.Storage.Archives;

namespace Tare.Engine.Images.Archives;

/// <summary>An image that an archive holds.</summary>
/// <param name="Configuration">Bytes of its configuration.</param>
/// <param name="Layers">Its layers, the base first; null for one that the archive lacks.</param>
/// <param name="Names">Its names, full references with a tag.</param>
/// <param name="Manifest">Bytes of the manifest that it is known by in registries; null for none.</param>
internal sealed record ImageInArchive(byte[] Configuration, IReadOnlyList<ArchivedFile?> Layers, IReadOnlyList<string> Names, byte[]? Manifest);

/// <summary>Reads what images an archive holds: by Docker's manifest.json, by an OCI layout's index.json, or by the repositories of archives from before Docker 1.10.</summary>
/// <param name="archive">The archive.</param>
/// <param name="platform">Which image of an index is taken.</param>
internal sealed class ArchiveContents(ImageArchive archive, Platform platform)
{
    private const int MostIndexes = 4;

    /// <summary>Reads them.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is no image archive, or names what it does not hold.</exception>
    public IReadOnlyList<ImageInArchive> Read()
    {
        if (archive.Find("manifest.json")?.Document is { } manifest)
        {
            return [.. JsonValues.Whole(Parse(manifest, ImageArchiveJson.Default.ListDockerArchiveImage, "manifest.json"), static () => new DockerArchiveImage()).Select(FromDocker)];
        }

        if (archive.Find("index.json")?.Document is { } index)
        {
            return [.. FromIndex(Parse(index, ImagesJson.Default.ImageIndex, "index.json"), 0, null)];
        }

        return archive.Find("repositories")?.Document is { } repositories
            ? new LegacyArchive(archive).Read(Parse(repositories, ImageArchiveJson.Default.DictionaryStringDictionaryStringString, "repositories"))
            : throw Invalid("open manifest.json: no such file or directory");
    }

    /// <summary>Reads a document of the archive.</summary>
    internal static T Parse<T>(byte[] document, JsonTypeInfo<T> type, string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(document, type) ?? throw Invalid($"\"{path}\" in the archive is null");
        }
        catch (JsonException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"\"{path}\" in the archive is damaged: {e.Message}", e);
        }
    }

    internal static EngineException Invalid(string message) => new(ErrorClass.InvalidArgument, message);

    private ImageInArchive FromDocker(DockerArchiveImage image)
    {
        byte[] configuration = archive.Find(image.Config)?.Document ?? throw Invalid($"open {image.Config}: no such file or directory");
        List<string> names = [.. (image.RepoTags ?? []).Select(ImageFinder.Parse).Select(static r => r.WithDefaultTag().ToString())];
        return new ImageInArchive(configuration, [.. image.Layers.Select(archive.Find)], names, null);
    }

    private IEnumerable<ImageInArchive> FromIndex(ImageIndex index, int depth, string? name)
    {
        if (depth > MostIndexes)
        {
            throw Invalid("the archive's indexes lead from one to the next without end");
        }

        // Below the top, an index has the platforms of one image.
        List<Descriptor> chosen = depth == 0 ? index.Manifests : index.Select(platform) is { } one ? [one]
            : throw new EngineException(ErrorClass.NotFound, $"no matching manifest for {platform} in the archive's index");
        foreach (Descriptor descriptor in chosen)
        {
            string? own = NameOf(descriptor) ?? name;
            byte[] document = Blob(descriptor.Digest);
            ImageManifest probe = Parse(document, ImagesJson.Default.ImageManifest, descriptor.Digest);
            if (probe.Config is null)
            {
                foreach (ImageInArchive inner in FromIndex(Parse(document, ImagesJson.Default.ImageIndex, descriptor.Digest), depth + 1, own))
                {
                    yield return inner;
                }

                continue;
            }

            if (depth == 0 && descriptor.Platform is { } mine && chosen.Count > 1 && !mine.Matches(platform))
            {
                continue;
            }

            List<ArchivedFile?> layers = [.. probe.Layers.Select(l => archive.Find(BlobPath(l.Digest)))];
            // Only where every layer is kept as it came is the manifest still the image's.
            bool isWhole = layers.TrueForAll(static l => l is { IsStored: true });
            yield return new ImageInArchive(Blob(probe.Config.Digest), layers, own is null ? [] : [own], isWhole ? document : null);
        }
    }

    private byte[] Blob(string digest)
    {
        ArchivedFile file = archive.Find(BlobPath(digest)) ?? throw Invalid($"open {BlobPath(digest)}: no such file or directory");
        return file.Document is { } document && file.Digest.ToString() == digest ? document : throw Invalid($"\"{BlobPath(digest)}\" in the archive is damaged: its digest is {file.Digest}");
    }

    private static string? NameOf(Descriptor descriptor)
    {
        string? name = descriptor.Annotations?.GetValueOrDefault("io.containerd.image.name") ?? descriptor.Annotations?.GetValueOrDefault("org.opencontainers.image.ref.name");
        // A layout's own word for an image is often a tag alone, which names nothing outside of it.
        return name is not null && name.AsSpan().ContainsAny('/', ':') ? ImageFinder.Parse(name).WithDefaultTag() is { Tag: not null } parsed ? parsed.ToString() : null : null;
    }

    private static string BlobPath(string digest) => "blobs/" + digest.Replace(':', '/');
}
