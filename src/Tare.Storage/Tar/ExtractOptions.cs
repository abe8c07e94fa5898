namespace Tare.Storage.Tar;

/// <summary>How an archive's entries are written into a tree.</summary>
public sealed record ExtractOptions
{
    /// <summary>Whether entries get the owners that the archive says; else those of this process. Default: yes where this process may.</summary>
    public bool? SetOwners { get; init; }

    /// <summary>Who owns all entries instead of whom the archive says; null for that.</summary>
    public (uint Uid, uint Gid)? Owner { get; init; }

    /// <summary>What the archive's ids (and those of <see cref="Owner"/>) are in the tree; null for themselves.</summary>
    public IdTranslation? Ids { get; init; }

    /// <summary>Whether a directory is never replaced by something else, nor something else by a directory.</summary>
    public bool KeepKinds { get; init; }

    /// <summary>What the first component of the entries' paths is replaced by: the text that is looked for, and the new one; null for nothing.</summary>
    public (string Old, string New)? Rebase { get; init; }
}
