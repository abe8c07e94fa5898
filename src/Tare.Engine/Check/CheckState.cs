using Tare.Engine.Images;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Oci.Images;

namespace Tare.Engine.Check;

/// <summary>What one check knows and has found. One thread at a time.</summary>
/// <param name="engine">The engine's parts.</param>
/// <param name="images">The image parts.</param>
/// <param name="remover">Removes containers.</param>
/// <param name="repairs">Whether what is found is repaired.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class CheckState(EngineParts engine, ImageParts images, ContainerRemover remover, bool repairs, CancellationToken cancellationToken)
{
    private readonly List<CheckFinding> _findings = [];

    public EngineParts Engine => engine;

    public ImageParts Images => images;

    public ContainerRemover Remover => remover;

    public bool Repairs => repairs;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Blobs that are not what their digest says.</summary>
    public HashSet<string> DamagedBlobs { get; } = [];

    /// <summary>Layers that are damaged, and were not repaired.</summary>
    public HashSet<string> DamagedLayers { get; } = [];

    /// <summary>Those of <see cref="DamagedLayers"/> whose archive cannot be read either: nothing here makes them whole.</summary>
    public HashSet<string> LostLayers { get; } = [];

    public IReadOnlyList<CheckFinding> Findings => _findings;

    /// <summary>Notes something, and repairs it when that is wished.</summary>
    /// <param name="finding">What was found.</param>
    /// <param name="repair">Repairs it and says how; null when it could not. Null for what cannot be repaired.</param>
    public async Task AddAsync(CheckFinding finding, Func<Task<string?>>? repair)
    {
        string? done = null;
        if (repairs && repair is not null)
        {
            try
            {
                done = await repair();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or Storage.StorageException or Errors.EngineException)
            {
                finding = finding with { Remedy = $"{finding.Remedy} (the repair failed: {failure.Message})" };
            }
        }

        _findings.Add(finding with { Repaired = done });
    }

    /// <summary>Takes findings about layers for repaired whose images were removed, and with them the layers.</summary>
    public void ResolveLayers()
    {
        for (int i = 0; repairs && i < _findings.Count; i++)
        {
            if (_findings[i] is { Kind: "layer", Repaired: null } finding && !Directory.Exists(finding.Path) && !images.Collector.Used().Contains(finding.Object))
            {
                _findings[i] = finding with { Repaired = "removed with its image" };
            }
        }
    }

    /// <summary>Runs something while no image appears or goes.</summary>
    public async Task<T> InTurnAsync<T>(Func<Task<T>> work)
    {
        await images.Turn.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            images.Turn.Release();
        }
    }

    /// <summary>An image's names for a reader: those that it has, else the start of its id.</summary>
    public string NameOf(string id)
    {
        List<string> names = [.. images.Table.NamesOf(id).Where(static name => !name.Contains('@', StringComparison.Ordinal)).Select(ImageFinder.Familiar)];
        return names.Count > 0 ? string.Join(", ", names) : id;
    }

    /// <summary>Names of the images that a predicate chooses.</summary>
    public string NamesOf(Func<string, ImageDocument, bool> has) =>
        string.Join(", ", images.Table.Documents.Where(image => has(image.Id, image.Document)).Select(image => NameOf(image.Id)).Distinct(StringComparer.Ordinal));

    /// <summary>What a user does about something that images need and that cannot be made again here.</summary>
    /// <param name="has">Chooses the images.</param>
    public string BringAgain(Func<string, ImageDocument, bool> has)
    {
        List<string> ways = [.. images.Table.Documents.Where(image => has(image.Id, image.Document)).Select(image => PullCommand(image.Id, image.Document) ?? $"load or build {NameOf(image.Id)} again")];
        return (repairs ? "" : "tare system check --repair, then ") + (ways.Find(static way => way.StartsWith("tare pull", StringComparison.Ordinal)) ?? string.Join(", ", ways));
    }

    /// <summary>The command that brings an image's files again as they were; null for one that is not known to be in a registry.</summary>
    /// <param name="id">The image.</param>
    /// <param name="document">Its record.</param>
    public string? PullCommand(string id, ImageDocument document)
    {
        // A digest among an image's names says that it was in that repository; a tag alone may be wishful, or be another image's by now.
        string? name = images.Table.NamesOf(id).FirstOrDefault(name => document.ManifestDigest is { } manifest && name.EndsWith("@" + manifest, StringComparison.Ordinal))
            ?? images.Table.NamesOf(id).FirstOrDefault(name => document.IndexDigest is { } index && name.EndsWith("@" + index, StringComparison.Ordinal));
        if (name is null)
        {
            return null;
        }

        ImageRecord? image = images.Table.TryGet(id);
        bool isForeign = image is not null && ImageService.Mismatch(image, name, Platform.Current.ToString()) is not null;
        return $"tare pull {(isForeign ? $"--platform {image!.Os}/{image.Architecture}{(image.Variant.Length > 0 ? "/" + image.Variant : "")} " : "")}{ImageFinder.Familiar(name)}";
    }

    /// <summary>The record of an image, shown or not; null when it has gone.</summary>
    public ImageDocument? DocumentOf(string id) => images.Table.Documents.Where(image => image.Id == id).Select(static image => image.Document).FirstOrDefault();

    /// <summary>Whether a blob is missing or damaged.</summary>
    public bool IsLost(string blob) => DigestOf(blob) is not { } digest || !images.Content.Contains(digest) || DamagedBlobs.Contains(blob);

    /// <summary>A digest of the store, or null for a text that is none.</summary>
    public static Digest? DigestOf(string text) => Digest.TryParse(text, out Digest digest) ? digest : null;
}
