using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Storage.Layers;

namespace Tare.Storage.Tar;

/// <summary>
/// Trees to tar archives and back. Trees are reached through an open root, and nothing that they or the archives hold leads out of it. Files go through one large buffer; none is
/// held in memory. The methods block: they are for threads that may.
/// </summary>
public static class TreeArchive
{
    /// <summary>Archives everything in a directory, without an entry for the directory itself.</summary>
    /// <param name="directory">The directory, open for any use.</param>
    /// <param name="output">Gets the archive. Not closed.</param>
    /// <param name="ids">What the owners are in the archive; null for themselves.</param>
    /// <param name="cancellationToken">Gives up between two entries.</param>
    /// <exception cref="LinuxException">Something cannot be read.</exception>
    public static void WriteContent(SafeFileHandle directory, Stream output, IdTranslation? ids, CancellationToken cancellationToken)
    {
        TarWriter writer = new(output);
        new TreeArchiver(writer, DeletionMarks.None, null, cancellationToken) { Ids = ids }.AddContent(directory, "");
        writer.Finish();
    }

    /// <summary>Archives one file, or one directory with all in it.</summary>
    /// <param name="place">What to archive, opened with O_PATH and O_NOFOLLOW.</param>
    /// <param name="name">The name that it has in the archive; empty makes entries that begin with a slash.</param>
    /// <param name="output">Gets the archive. Not closed.</param>
    /// <param name="ids">What the owners are in the archive; null for themselves.</param>
    /// <param name="cancellationToken">Gives up between two entries.</param>
    /// <exception cref="LinuxException">Something cannot be read.</exception>
    public static void WriteResource(SafeFileHandle place, string name, Stream output, IdTranslation? ids, CancellationToken cancellationToken)
    {
        TarWriter writer = new(output);
        new TreeArchiver(writer, DeletionMarks.None, null, cancellationToken) { Ids = ids }.Add(place, name);
        writer.Finish();
    }

    /// <summary>Archives an overlay's upper directory as a layer: its whiteouts and opaque directories become the layer's.</summary>
    /// <param name="upper">The upper directory, open for any use.</param>
    /// <param name="skip">Entries to leave out with all below them, by path and status; null for none.</param>
    /// <param name="isDirectoryBelow">
    /// Whether the layers below have a directory at a path. Overlayfs marks new directories as opaque or not by its mount options (xino); where there is nothing to hide,
    /// the mark is left out, so that the
    /// same changes give the same layer.
    /// </param>
    /// <param name="output">Gets the archive. Not closed.</param>
    /// <param name="cancellationToken">Gives up between two entries.</param>
    /// <exception cref="StorageException">Overlayfs keeps something as a reference to a lower layer.</exception>
    /// <exception cref="LinuxException">Something cannot be read.</exception>
    public static void WriteLayer(
        SafeFileHandle upper, Func<string, FileStatus, bool>? skip, Func<string, bool> isDirectoryBelow, Stream output, CancellationToken cancellationToken)
    {
        TarWriter writer = new(output);
        new TreeArchiver(writer, DeletionMarks.Overlay, skip, cancellationToken) { IsDirectoryBelow = isDirectoryBelow }.AddContent(upper, "");
        writer.Finish();
    }

    /// <summary>Writes an archive's entries into a directory of a tree.</summary>
    /// <param name="root">The tree's root, which links are resolved against. Not closed.</param>
    /// <param name="directory">The directory inside the root that the entries are relative to.</param>
    /// <param name="archive">The archive, compressed or not. Closed at the end.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up between two entries; what was written stays.</param>
    /// <exception cref="StorageException">The archive is damaged, leads outside, or goes against the options.</exception>
    /// <exception cref="LinuxException">Something cannot be written.</exception>
    public static void Extract(ConfinedRoot root, string directory, Stream archive, ExtractOptions options, CancellationToken cancellationToken)
    {
        using Stream plain = Compression.DecompressAhead(archive);
        TarReader reader = new(plain);
        SafeFileHandle own = ConfinedRoot.TryOpenAt(root.Handle, ".", Libc.O_PATH | Libc.O_DIRECTORY) ?? throw LinuxException.Last("open", directory);
        using TreeWriter writer = new(new ConfinedRoot(own), new TreeWriterOptions
        {
            Privileged = Libc.geteuid() == 0,
            SetOwners = options.SetOwners,
            Owner = options.Owner,
            Ids = options.Ids,
            Marks = DeletionMarks.None,
            Base = directory.Trim('/'),
            KeepKinds = options.KeepKinds,
        });
        while (reader.Next() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (options.Rebase is { } rebase)
            {
                entry.Path = Replace(entry.Path, rebase);
                entry.LinkTarget = entry.Type == '1' ? Replace(entry.LinkTarget, rebase) : entry.LinkTarget;
            }

            writer.Write(entry, reader);
        }

        writer.Finish();
        // What follows the end is read too, so that whoever sends it is not cut off.
        plain.CopyTo(Stream.Null);
    }

    // The first place only, as moby's RebaseArchiveEntries.
    private static string Replace(string path, (string Old, string New) rebase)
    {
        int at = path.IndexOf(rebase.Old, StringComparison.Ordinal);
        return at < 0 ? path : string.Concat(path.AsSpan(0, at), rebase.New, path.AsSpan(at + rebase.Old.Length));
    }
}
