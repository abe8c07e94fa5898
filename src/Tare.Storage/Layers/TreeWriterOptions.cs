using Tare.Storage.Tar;

namespace Tare.Storage.Layers;

/// <summary>How an archive is unpacked.</summary>
internal sealed record TreeWriterOptions
{
    /// <summary>Whether device nodes and trusted attributes are made, which takes root.</summary>
    public required bool Privileged { get; init; }

    /// <summary>Whether entries get the owners that the archive says; else those of this process. Default: as <see cref="Privileged"/>.</summary>
    public bool? SetOwners { get; init; }

    /// <summary>Who owns all entries instead of whom the archive says; null for that.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>What the archive's ids become on the disk; null for themselves.</summary>
    public IdTranslation? Ids { get; init; }

    /// <summary>How the archive says that something is deleted.</summary>
    public DeletionMarks Marks { get; init; } = DeletionMarks.Overlay;

    /// <summary>The directory inside the root that entries are relative to; links are still resolved against the root. Empty for the root itself.</summary>
    public string Base { get; init; } = "";

    /// <summary>Whether a directory is never replaced by something else, nor something else by a directory.</summary>
    public bool KeepKinds { get; init; }

    /// <summary>Remembers how the archive can be written again; null for nobody.</summary>
    public TarSplitWriter? Split { get; init; }
}
