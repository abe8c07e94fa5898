using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Oci.Images;
using Tare.Storage.Tar;

namespace Tare.Storage.Layers;

/// <summary>
/// Unpacked layers, each once, by chain id:
/// <code>
/// layers/&lt;hex&gt;/diff     the tree, in overlayfs's format
/// layers/&lt;hex&gt;/size     bytes of the files
/// layers/&lt;hex&gt;/archive-size   bytes of the uncompressed archive
/// layers/&lt;hex&gt;/implied        directories that are still to be made like those below (<see cref="ImpliedDirectories"/>)
/// layers/&lt;hex&gt;/tar-split      how that archive is written again, where no blob keeps it (<see cref="TarSplitWriter"/>)
/// layers/.staging/…     trees that are being unpacked
/// </code>
/// A layer appears under its name only whole: it is unpacked beside, its diff id is checked, the file system is synced, and it is renamed.
/// </summary>
public sealed class LayerStore
{
    private const string StagingName = ".staging";
    private const string ArchiveSizeName = "archive-size";
    private readonly string _root;
    private readonly string _staging;
    private readonly ConcurrentDictionary<string, byte> _busy = new(StringComparer.Ordinal); // folders of the staging folder

    /// <summary>Opens the store, and removes what an earlier process left half-unpacked.</summary>
    public LayerStore(string root)
    {
        _root = Directory.CreateDirectory(root).FullName;
        _staging = Path.Combine(_root, StagingName);
        TreeRemover.Remove(_staging);
        Directory.CreateDirectory(_staging);
    }

    /// <summary>Whether the layer is here.</summary>
    public bool Contains(Digest chainId) => Directory.Exists(FolderOf(chainId));

    /// <summary>The layer's tree, an absolute path; a lower directory of an overlay.</summary>
    public string PathOf(Digest chainId) => Path.Combine(FolderOf(chainId), "diff");

    /// <summary>Bytes of the layer's files, as the archive has them.</summary>
    public long SizeOf(Digest chainId)
        => long.TryParse(Read(chainId, "size"), CultureInfo.InvariantCulture, out long size) ? size : 0;

    /// <summary>All layers here.</summary>
    public IEnumerable<Digest> Enumerate()
    {
        foreach (string folder in Directory.EnumerateDirectories(_root))
        {
            if (Digest.TryParse("sha256:" + Path.GetFileName(folder), out Digest chainId))
            {
                yield return chainId;
            }
        }
    }

    /// <summary>Unpacks a layer whose chain id and diff id are known.</summary>
    /// <param name="chainId">Its chain id.</param>
    /// <param name="archive">The archive, compressed or not; closed at the end.</param>
    /// <param name="diffId">The digest that the uncompressed archive must have.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <returns>Bytes of the layer's files.</returns>
    /// <exception cref="StorageException">The archive is damaged, hostile, or another one than announced; nothing is left.</exception>
    public long Apply(Digest chainId, Stream archive, Digest diffId, CancellationToken cancellationToken)
    {
        using StagedLayer layer = Unpack(archive, cancellationToken);
        if (layer.DiffId != diffId)
        {
            throw new StorageException($"layer has diff ID {layer.DiffId}, expected {diffId}");
        }

        Commit(layer, chainId);
        return layer.SizeBytes;
    }

    /// <summary>Whether the layer's archive can be written again from its tree.</summary>
    public bool HasArchive(Digest chainId) => File.Exists(Path.Combine(FolderOf(chainId), TarSplitWriter.RecordsName));

    /// <summary>Bytes of the layer's uncompressed archive; null when that is not known.</summary>
    public long? ArchiveSizeOf(Digest chainId)
        => long.TryParse(Read(chainId, ArchiveSizeName), CultureInfo.InvariantCulture, out long size) ? size : null;

    /// <summary>The layer's uncompressed archive, written again from its tree, byte by byte as it came. Whoever reads it checks the diff id.</summary>
    /// <exception cref="StorageException">Missing: how the archive was is not known, since a blob keeps it.</exception>
    public Stream OpenArchive(Digest chainId) => new TarSplitReader(FolderOf(chainId));

    /// <summary>The uncompressed archive in a compressed one.</summary>
    /// <param name="archive">The archive, compressed or not. Closed with the result.</param>
    /// <exception cref="StorageException">The program that could decompress it is not installed.</exception>
    public static Stream Decompress(Stream archive) => Compression.Decompress(archive);

    /// <summary>Unpacks a layer of which nothing is known; <see cref="Commit"/> gives it its name.</summary>
    /// <param name="archive">The archive, compressed or not; closed at the end.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <param name="keepsArchive">Whether the archive can be written again from the tree, for layers whose archive no blob keeps.</param>
    /// <exception cref="StorageException">The archive is damaged or hostile; nothing is left.</exception>
    public StagedLayer Unpack(Stream archive, CancellationToken cancellationToken, bool keepsArchive = false) => Stage((folder, tree) =>
    {
        using HashingStream hashing = OpenHashing(archive, out Stream stream);
        using Stream ahead = stream;
        long size = UnpackInto(folder, tree, stream, keepsArchive, cancellationToken);
        return (hashing.Finish(), hashing.Count, size);
    });

    /// <summary>Unpacks a layer while another thread makes its archive, which can be written again from the tree.</summary>
    /// <param name="archive">The archive; nothing more is taken from it afterwards.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <exception cref="StorageException">The archive is damaged; nothing is left.</exception>
    public StagedLayer Unpack(ArchivePipe archive, CancellationToken cancellationToken)
    {
        // Closed whatever fails first: the maker would wait for ever.
        using Stream stream = archive.Input;
        return Stage((folder, tree) =>
        {
            long size = UnpackInto(folder, tree, stream, keepsArchive: true, cancellationToken);
            return (archive.Finish(), archive.Count, size);
        });
    }

    // Makes a layer's folder; the work gives the archive's digest and size, and the size of the files.
    private StagedLayer Stage(Func<string, string, (Digest DiffId, long ArchiveSize, long Size)> work)
    {
        string folder = Stage();
        string tree = Path.Combine(folder, "diff");
        Directory.CreateDirectory(tree);
        File.SetUnixFileMode(tree, (UnixFileMode)0x1ED); // 0755, where an archive does not say: this is a container's "/"
        try
        {
            (Digest diffId, long archiveSize, long size) = work(folder, tree);
            File.WriteAllText(Path.Combine(folder, "size"), size.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText(Path.Combine(folder, ArchiveSizeName), archiveSize.ToString(CultureInfo.InvariantCulture));
            return new StagedLayer(folder, diffId, size, Release) { ArchiveSizeBytes = archiveSize };
        }
        catch (Exception failure)
        {
            TreeRemover.Remove(folder);
            Release(folder);
            if (failure is InvalidDataException or ZstdSharp.ZstdException or EndOfStreamException)
            {
                throw new StorageException($"the layer's compressed data is damaged: {failure.Message}", failure);
            }

            if (failure is IOException refused and not LinuxException && IsWriteError(refused))
            {
                throw StorageException.Writing("write the layer", refused); // its records, beside the tree
            }

            throw;
        }
    }

    /// <summary>
    /// Makes directories that layers have without describing them like those of the layers below. Before it, an overlay of the layers may show wrong owners and modes; done once for each layer, and
    /// gone through again where it was cut off.
    /// </summary>
    /// <param name="chainIds">All layers of an image, the base first. They are here.</param>
    /// <exception cref="LinuxException">Something cannot be read or set.</exception>
    public void Inherit(IReadOnlyList<Digest> chainIds)
    {
        for (int i = 0; i < chainIds.Count; i++)
        {
            ImpliedDirectories.Inherit(FolderOf(chainIds[i]), chainIds.Take(i).Reverse().Select(PathOf));
        }
    }

    /// <summary>The same for a layer that has no name yet.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="below">The layers below, the base first.</param>
    public void Inherit(StagedLayer layer, IEnumerable<Digest> below) => ImpliedDirectories.Inherit(layer.Folder, below.Reverse().Select(PathOf));

    /// <summary>Gives an unpacked layer its name. Another one of the same name that came first stays.</summary>
    public void Commit(StagedLayer layer, Digest chainId)
    {
        DirectorySync.SyncFileSystem(layer.Folder);
        try
        {
            Directory.Move(layer.Folder, FolderOf(chainId));
        }
        catch (IOException) when (Contains(chainId))
        {
            // Two pulls brought the same layer at once. What only the later one knows is kept.
            Adopt(layer.Folder, FolderOf(chainId));
            return;
        }

        layer.Keep();
        DirectorySync.Sync(_root);
    }

    /// <summary>Removes a layer; nothing happens when it is not here.</summary>
    public void Delete(Digest chainId) => Discard(chainId)?.Dispose();

    /// <summary>Takes a layer's name away, which is quick; its files go when the result is disposed of. Null when it is not here.</summary>
    public StagedLayer? Discard(Digest chainId)
    {
        string folder = FolderOf(chainId);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        // Out of the way first: a layer under its name is always whole.
        string trash = Stage();
        Directory.Move(folder, trash);
        return new StagedLayer(trash, chainId, 0, Release);
    }

    /// <summary>Files and folders here that are neither layers nor belong to work under way.</summary>
    public IReadOnlyList<string> Strays() =>
    [
        .. Directory.EnumerateFileSystemEntries(_staging).Where(path => !_busy.ContainsKey(path)),
        .. Directory.EnumerateFileSystemEntries(_root).Where(path => path != _staging && !Digest.TryParse("sha256:" + Path.GetFileName(path), out _)),
    ];

    private string Stage()
    {
        string folder = Path.Combine(_staging, Guid.NewGuid().ToString("N"));
        _busy.TryAdd(folder, 0);
        return folder;
    }

    private void Release(string folder) => _busy.TryRemove(folder, out _);

    // Of archives whose later entries replaced earlier ones, the files that these had are not in the tree of the layer that stays.
    private static void Adopt(string folder, string into)
    {
        string records = Path.Combine(folder, TarSplitWriter.RecordsName);
        string place = Path.Combine(into, TarSplitWriter.RecordsName);
        if (File.Exists(records) && !File.Exists(place) && !File.Exists(Path.Combine(folder, TarSplitWriter.MovedName)))
        {
            File.Move(records, place);
            DirectorySync.Sync(into);
        }
    }

    // One thread reads ahead, another writes files. The hash, which costs as much as the writing, is the work of the first, unless that decompresses.
    private static HashingStream OpenHashing(Stream archive, out Stream stream)
    {
        Stream plain = Compression.Decompress(archive);
        if (Compression.IsPlain(plain, archive))
        {
            HashingStream source = new(plain);
            stream = new ReadAheadStream(source);
            return source;
        }

        HashingStream hashing = new(new ReadAheadStream(plain));
        stream = hashing;
        return hashing;
    }

    // Reads the archive to its end.
    private static long UnpackInto(string folder, string tree, Stream stream, bool keepsArchive, CancellationToken cancellationToken)
    {
        long size = keepsArchive ? UnpackAndSplit(folder, tree, stream, cancellationToken) : UnpackInto(tree, stream, null, cancellationToken);
        stream.CopyTo(Stream.Null);
        return size;
    }

    private static long UnpackAndSplit(string folder, string tree, Stream stream, CancellationToken cancellationToken)
    {
        using TarSplitWriter split = new(stream, folder);
        long size = UnpackInto(tree, split, split, cancellationToken);
        // What follows the archive's end belongs to it too.
        split.CopyTo(Stream.Null);
        split.Finish();
        return size;
    }

    private static long UnpackInto(string tree, Stream stream, TarSplitWriter? split, CancellationToken cancellationToken)
    {
        TarReader archive = new(stream);
        using TreeWriter writer = new(ConfinedRoot.Open(tree), new TreeWriterOptions { Privileged = Libc.geteuid() == 0, Split = split });
        long size = 0;
        while (archive.Next() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                writer.Write(entry, archive);
            }
            catch (IOException failure) when (failure is LinuxException || IsWriteError(failure))
            {
                throw StorageException.Writing($"write \"/{entry.Path.TrimStart('.', '/')}\"", failure);
            }

            size += entry.Type switch { '0' => entry.Size, '2' => Encoding.UTF8.GetByteCount(entry.LinkTarget), _ => 0 }; // as lstat counts
        }

        writer.Finish();
        ImpliedDirectories.Save(Path.GetDirectoryName(tree)!, writer.ImpliedDirectories());
        return size;
    }

    // What write(2) answers; errors of the archive's own stream have other numbers.
    private static bool IsWriteError(IOException failure) => (Errno)failure.HResult is Errno.ENOSPC or Errno.EDQUOT or Errno.EIO or Errno.EFBIG;

    private string FolderOf(Digest chainId) => Path.Combine(_root, chainId.Hex);

    private string Read(Digest chainId, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(FolderOf(chainId), name));
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }
}
