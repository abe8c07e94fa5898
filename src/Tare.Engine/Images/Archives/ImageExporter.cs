using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Archives;

namespace Tare.Engine.Images.Archives;

/// <summary>
/// Writes images as docker save does since Docker 25: an OCI layout whose layers are uncompressed, with Docker's own manifest.json and repositories beside. Each blob is written
/// once, streamed from where it is kept, and checked on the way. The same images give the same archive.
/// </summary>
/// <param name="parts">The image parts.</param>
/// <param name="finder">Finds images.</param>
internal sealed class ImageExporter(ImageParts parts, ImageFinder finder)
{
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar";
    private readonly LayerArchives _layers = new(parts);

    /// <summary>Finds the images that are asked for, with the names that they are asked for by: all tags of a name without one.</summary>
    /// <exception cref="EngineException">NotFound: there is none of a name, or it is of another platform.</exception>
    public IReadOnlyList<ChosenImage> Choose(IReadOnlyList<string> names, string? platform)
    {
        List<ChosenImage> chosen = [];
        foreach (string name in names)
        {
            foreach ((ImageRecord image, string? tag) in Resolve(name))
            {
                if (!string.IsNullOrEmpty(platform) && ImageService.Mismatch(image, name, platform) is not null)
                {
                    throw new EngineException(ErrorClass.NotFound, $"no suitable export target found for platform {platform}");
                }

                ChosenImage? known = chosen.Find(c => c.Image.Id == image.Id);
                if (known is null)
                {
                    chosen.Add(known = new ChosenImage(image, []));
                }

                if (tag is not null && !known.Names.Contains(tag))
                {
                    known.Names.Add(tag);
                }
            }
        }

        return chosen;
    }

    /// <summary>Writes the archive. Blocks.</summary>
    /// <exception cref="EngineException">DataLoss: a layer is damaged on the disk.</exception>
    public void Write(IReadOnlyList<ChosenImage> images, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            SortedDictionary<string, Action<ImageArchiveWriter, string>> files = new(StringComparer.Ordinal);
            List<DockerArchiveImage> manifest = [];
            List<Descriptor> index = [];
            SortedDictionary<string, SortedDictionary<string, string>> repositories = new(StringComparer.Ordinal);
            foreach (ChosenImage chosen in images)
            {
                Add(chosen, files, manifest, index, repositories);
            }

            AddDocuments(files, manifest, index, repositories);
            ImageArchiveWriter writer = new(output);
            writer.AddDirectory("blobs/");
            writer.AddDirectory("blobs/sha256/");
            foreach ((string path, Action<ImageArchiveWriter, string> write) in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                write(writer, path);
            }

            writer.Finish();
        }
        catch (StorageException e)
        {
            throw new EngineException(ImageWriter.ClassOf(e.Kind), $"save: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            throw new EngineException(ErrorClass.DataLoss, $"save: a layer is damaged on the disk: {e.Message}", e);
        }
    }

    private IEnumerable<(ImageRecord Image, string? Tag)> Resolve(string name)
    {
        ImageReference? reference = TryParse(name);
        if (reference is { Tag: null, Digest: null })
        {
            List<string> tags = [.. parts.Table.All.SelectMany(i => parts.Table.NamesOf(i.Id)).Where(n => ImageReference.Parse(n) is { Digest: null } known && known.Name == reference.Name).Order(StringComparer.Ordinal)];
            if (tags.Count > 0)
            {
                return tags.Select(tag => (parts.Table.TryGetByName(tag)!, (string?)tag));
            }
        }

        ImageRecord found = finder.Find(name, out string? by);
        return [(found, by is not null && ImageReference.Parse(by).Digest is null ? by : null)];
    }

    private static ImageReference? TryParse(string name)
    {
        try
        {
            return ImageReference.Parse(name);
        }
        catch (FormatException)
        {
            return null; // an id
        }
    }

    private void Add(
        ChosenImage chosen,
        SortedDictionary<string, Action<ImageArchiveWriter, string>> files,
        List<DockerArchiveImage> manifest,
        List<Descriptor> index,
        SortedDictionary<string, SortedDictionary<string, string>> repositories)
    {
        ImageRecord image = chosen.Image;
        byte[] configuration = parts.Content.ReadAllBytes(Digest.Parse(image.Id));
        files[BlobPath(image.Id)] = (writer, path) => writer.AddDocument(path, configuration, image.Created);
        List<Descriptor> layers = [];
        for (int i = 0; i < image.DiffIds.Count; i++)
        {
            int layer = i;
            Digest diffId = Digest.Parse(image.DiffIds[i]);
            long size = _layers.SizeOf(image, i);
            layers.Add(new Descriptor { MediaType = LayerType, Digest = image.DiffIds[i], Size = size });
            files[BlobPath(image.DiffIds[i])] = (writer, path) =>
            {
                using Stream archive = _layers.Open(image, layer);
                writer.AddLayer(path, archive, size, diffId);
            };
        }

        byte[] document = JsonSerializer.SerializeToUtf8Bytes(
            new ImageManifest
            {
                SchemaVersion = 2,
                MediaType = MediaTypes.OciManifest,
                Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = image.Id, Size = configuration.Length },
                Layers = layers,
            },
            ImageArchiveJson.ReadableImages.ImageManifest);
        string digest = Digest.Of(document).ToString();
        files[BlobPath(digest)] = (writer, path) => writer.AddDocument(path, document);
        manifest.Add(new DockerArchiveImage
        {
            Config = BlobPath(image.Id),
            RepoTags = chosen.Names.Count == 0 ? null : [.. chosen.Names.Select(ImageFinder.Familiar)],
            Layers = [.. image.DiffIds.Select(BlobPath)],
            LayerSources = layers.DistinctBy(static l => l.Digest).ToDictionary(static l => l.Digest),
        });
        foreach (string? name in chosen.Names.DefaultIfEmpty())
        {
            index.Add(new Descriptor { MediaType = MediaTypes.OciManifest, Digest = digest, Size = document.Length, Annotations = name is null ? null : AnnotationsOf(name) });
        }

        foreach (ImageReference name in chosen.Names.Select(ImageReference.Parse).Where(_ => image.DiffIds.Count > 0))
        {
            if (!repositories.TryGetValue(name.FamiliarName, out SortedDictionary<string, string>? tags))
            {
                repositories.Add(name.FamiliarName, tags = new SortedDictionary<string, string>(StringComparer.Ordinal));
            }

            tags[name.Tag!] = Digest.Parse(image.DiffIds[^1]).Hex;
        }
    }

    private static Dictionary<string, string> AnnotationsOf(string name) => new()
    {
        ["io.containerd.image.name"] = name,
        ["org.opencontainers.image.ref.name"] = ImageReference.Parse(name).Tag!,
    };

    private static void AddDocuments(
        SortedDictionary<string, Action<ImageArchiveWriter, string>> files,
        List<DockerArchiveImage> manifest,
        List<Descriptor> index,
        SortedDictionary<string, SortedDictionary<string, string>> repositories)
    {
        byte[] indexDocument = JsonSerializer.SerializeToUtf8Bytes(new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex, Manifests = index }, ImageArchiveJson.ReadableImages.ImageIndex);
        byte[] manifestDocument = JsonSerializer.SerializeToUtf8Bytes(manifest, ImageArchiveJson.Readable.ListDockerArchiveImage);
        files["index.json"] = (writer, path) => writer.AddDocument(path, indexDocument);
        files["manifest.json"] = (writer, path) => writer.AddDocument(path, [.. manifestDocument, (byte)'\n']);
        files["oci-layout"] = (writer, path) => writer.AddDocument(path, """{"imageLayoutVersion": "1.0.0"}"""u8);
        if (repositories.Count > 0)
        {
            Dictionary<string, Dictionary<string, string>> plain = repositories.ToDictionary(static r => r.Key, static r => new Dictionary<string, string>(r.Value));
            byte[] repositoriesDocument = JsonSerializer.SerializeToUtf8Bytes(plain, ImageArchiveJson.Readable.DictionaryStringDictionaryStringString);
            files["repositories"] = (writer, path) => writer.AddDocument(path, [.. repositoriesDocument, (byte)'\n']);
        }
    }

    private static string BlobPath(string digest) => "blobs/" + digest.Replace(':', '/');
}

/// <summary>An image that is to be saved.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">The tags that it is saved by, full references.</param>
internal sealed record ChosenImage(ImageRecord Image, List<string> Names);
