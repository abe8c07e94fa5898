using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Storage.Tar;

namespace Tare.Storage.Layers;

/// <summary>
/// Writes the entries of a layer below a root, in overlayfs's format: whiteouts become character devices 0:0, opaque directories get the attribute
/// trusted.overlay.opaque (Documentation/filesystems/overlayfs.rst). Directories are found only by openat2(2) with RESOLVE_IN_ROOT, and the
/// last component is never followed, so nothing is written outside, whatever links the layer itself made.
/// </summary>
internal sealed unsafe partial class TreeWriter : IDisposable
{
    private const string WhiteoutPrefix = ".wh.";
    private const string MetadataPrefix = ".wh..wh.";
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string OpaqueAttribute = "trusted.overlay.opaque";
    private const uint CharacterDevice = 0x2000;
    private const uint BlockDevice = 0x6000;
    private const uint Fifo = 0x1000;
    private const int WriteBack = 8 << 20;

    private readonly ConfinedRoot _root;
    private readonly TreeWriterOptions _options;
    private readonly bool _privileged;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly OrderedDictionary<string, TarEntry> _directories = new(StringComparer.Ordinal);
    private readonly List<string> _implied = []; // as the archive's paths led there
    private SafeFileHandle? _parent;
    private string? _parentPath;
    private string _parentPlace = "";

    /// <summary>Writes below <paramref name="root"/>.</summary>
    /// <param name="root">The root; owned from here on.</param>
    /// <param name="options">How.</param>
    public TreeWriter(ConfinedRoot root, TreeWriterOptions options)
    {
        _root = root;
        _options = options;
        _privileged = options.Privileged;
    }

    /// <summary>Writes one entry; the content is read from <paramref name="archive"/>.</summary>
    /// <exception cref="StorageException">The entry leads outside, or is of an unknown kind.</exception>
    /// <exception cref="LinuxException">A file could not be written.</exception>
    public void Write(TarEntry entry, TarReader archive)
    {
        string[] parts = Clean(entry.Path, $"{Word} entry \"{entry.Path}\" leads outside of the {Word}");
        if (parts.Length == 0)
        {
            if (entry.Type == '5' && _options.Marks == DeletionMarks.Overlay)
            {
                _directories[""] = entry;
            }

            return;
        }

        string folder = string.Join('/', parts[..^1]);
        string name = parts[^1];
        if (_options.Marks == DeletionMarks.Overlay && name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal) && IsBelowNoFolder(folder))
        {
            return; // what it hides is hidden already: some programs delete a directory and then, one by one, what was in it
        }

        SafeFileHandle parent = OpenParent(folder);
        if (_options.Marks == DeletionMarks.None)
        {
            Make(parent, folder, name, entry, archive);
        }
        else if (name == OpaqueMarker)
        {
            MarkOpaque(folder);
        }
        else if (name.StartsWith(MetadataPrefix, StringComparison.Ordinal))
        {
            return; // aufs's own files, which mean nothing here
        }
        else if (name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            Whiteout(parent, folder, name[WhiteoutPrefix.Length..], entry);
        }
        else
        {
            Make(parent, folder, name, entry, archive);
        }
    }

    /// <summary>Ends the tree: directories get their times now, since each entry inside changed them.</summary>
    public void Finish()
    {
        for (int i = _directories.Count - 1; i >= 0; i--)
        {
            (string path, TarEntry entry) = _directories.GetAt(i);
            using SafeFileHandle? directory = TryOpenInRoot(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
            if (directory is not null)
            {
                Finish(directory, entry);
            }
        }
    }

    /// <summary>Directories that no entry described, by their paths in the tree; those that are still there at the end.</summary>
    public IReadOnlyList<string> ImpliedDirectories()
    {
        List<string> places = [];
        foreach (string path in _implied.Where(path => !_directories.ContainsKey(path)))
        {
            using SafeFileHandle? directory = TryOpenInRoot(path, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
            string place = directory is null ? "" : _root.PathOf(directory).Trim('/');
            if (place.Length > 0 && !_directories.ContainsKey(place))
            {
                places.Add(place);
            }
        }

        return places;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parent?.Dispose();
        _root.Dispose();
    }

    private void Make(SafeFileHandle parent, string folder, string name, TarEntry entry, TarReader archive)
    {
        int directory = Number(parent);
        if (_options.KeepKinds)
        {
            CheckKind(parent, name, entry);
        }

        switch (entry.Type)
        {
            case '0':
                Remove(parent, name);
                MakeFile(directory, name, entry, archive);
                break;
            case '5':
                MakeDirectory(parent, folder, name, entry);
                break;
            case '1':
                MakeHardLink(parent, name, entry);
                break;
            case '2':
                Remove(parent, name);
                Check(Libc.symlinkat(entry.LinkTarget, directory, name), "symlink", entry);
                SetLinkMetadata(directory, name, entry);
                break;
            case '3' or '4' or '6':
                Remove(parent, name);
                MakeNode(directory, name, entry);
                break;
            default:
                throw new StorageException($"{Word} entry \"{entry.Path}\" is of unknown type '{entry.Type}'");
        }
    }

    private void MakeFile(int parent, string name, TarEntry entry, TarReader archive)
    {
        int fd = Libc.openat(parent, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0x180); // 0600
        Check(fd, "open", entry);
        using SafeFileHandle file = new(fd, ownsHandle: true);
        bool hasHoles = entry.Sparse is not null;
        foreach (SparseSegment segment in entry.Sparse ?? [new SparseSegment(0, entry.Size)])
        {
            _options.Split?.BeginContent(PlaceOf(name), segment.Offset, segment.Length);
            hasHoles |= Copy(archive, file, segment, entry);
        }

        if (hasHoles)
        {
            Check(Libc.ftruncate(fd, entry.Size), "truncate", entry);
        }

        Finish(file, entry);
    }

    // Zeros by the buffer are not written: files that were sparse before they were archived are so again. Says whether there were any.
    private bool Copy(TarReader archive, SafeFileHandle file, SparseSegment segment, TarEntry entry)
    {
        bool hasHoles = false;
        long begun = 0;
        for (long done = 0; done < segment.Length;)
        {
            int wanted = (int)Math.Min(_buffer.Length, segment.Length - done);
            int read = 0;
            while (read < wanted)
            {
                read += archive.Read(_buffer.AsSpan(read, wanted - read)); // throws where the archive ends
            }

            ReadOnlySpan<byte> piece = _buffer.AsSpan(0, read);
            if (read == _buffer.Length && !piece.ContainsAnyExcept((byte)0))
            {
                hasHoles = true;
            }
            else
            {
                Write(file, piece, segment.Offset + done, entry);
            }

            done += read;
            if (done - begun >= WriteBack && _options.Marks == DeletionMarks.Overlay)
            {
                // A layer is synced before it gets its name: the disk may as well begin now. Only a hint, so its failure is none.
                _ = Libc.sync_file_range(Number(file), segment.Offset + begun, done - begun, Libc.SYNC_FILE_RANGE_WRITE);
                begun = done;
            }
        }

        return hasHoles;
    }

    // Of a copy into a container the user is told which file; of a layer, those who write it tell.
    private void Write(SafeFileHandle file, ReadOnlySpan<byte> piece, long offset, TarEntry entry)
    {
        try
        {
            RandomAccess.Write(file, piece, offset);
        }
        catch (IOException e) when (_options.Marks == DeletionMarks.None)
        {
            throw StorageException.Writing($"write {PlaceInRoot(entry)}", e);
        }
    }

    private string PlaceInRoot(TarEntry entry)
        => "/" + string.Join('/', (string[])[.. _options.Base.Split('/', StringSplitOptions.RemoveEmptyEntries), .. Clean(entry.Path, "")]);

    // moby's texts (pkg/archive).
    private void CheckKind(SafeFileHandle parent, string name, TarEntry entry)
    {
        if (!FileStatus.TryGet(parent, name, out FileStatus status))
        {
            return;
        }

        bool isDirectory = status.Type == FileType.Directory;
        string there = PlaceInRoot(entry);
        if (isDirectory && entry.Type != '5')
        {
            throw new StorageException(StorageErrorKind.Refused, $"cannot overwrite directory \"{there}\" with non-directory \"/{_options.Base}\"");
        }

        if (!isDirectory && entry.Type == '5')
        {
            throw new StorageException(StorageErrorKind.Refused, $"cannot overwrite non-directory \"{there}\" with directory \"/{_options.Base}\"");
        }
    }

    private string Word => _options.Marks == DeletionMarks.Overlay ? "layer" : "archive";

    private string PlaceOf(string name) => _parentPlace.Length == 0 ? name : _parentPlace + "/" + name;

    private uint UidOf(TarEntry entry)
    {
        uint inside = _options.Owner?.Uid ?? entry.Uid;
        return _options.Ids?.UserOutside(inside) ?? inside;
    }

    private uint GidOf(TarEntry entry)
    {
        uint inside = _options.Owner?.Gid ?? entry.Gid;
        return _options.Ids?.GroupOutside(inside) ?? inside;
    }

    private void MakeDirectory(SafeFileHandle parent, string folder, string name, TarEntry entry)
    {
        int result = Libc.mkdirat(Number(parent), name, 0x1ED); // 0755
        if (result != 0 && Marshal.GetLastPInvokeError() == (int)Errno.EEXIST)
        {
            // A directory that is there stays with its content; anything else, a link above all, gives way.
            int there = Libc.openat(Number(parent), name, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
            if (there >= 0)
            {
                _ = Libc.close(there);
                result = 0;
            }
            else
            {
                bool hidesBelow = IsWhiteout(parent, name);
                Remove(parent, name);
                result = Libc.mkdirat(Number(parent), name, 0x1ED);
                if (result == 0 && hidesBelow)
                {
                    MarkOpaque(folder.Length == 0 ? name : folder + "/" + name);
                }
            }
        }

        Check(result, "mkdir", entry);
        _directories[folder.Length == 0 ? name : folder + "/" + name] = entry; // of one that comes twice the last counts
    }

    private void MakeHardLink(SafeFileHandle parent, string name, TarEntry entry)
    {
        string[] target = Clean(entry.LinkTarget, $"{Word} entry \"{entry.Path}\" links to \"{entry.LinkTarget}\" outside of the {Word}");
        if (target.Length == 0)
        {
            throw new StorageException($"{Word} entry \"{entry.Path}\" links to the {Word}'s root");
        }

        using SafeFileHandle? folder = TryOpenInRoot(string.Join('/', target[..^1]), Libc.O_PATH | Libc.O_DIRECTORY);
        if (folder is null)
        {
            throw new StorageException($"{Word} entry \"{entry.Path}\" links to \"{entry.LinkTarget}\", which is not in the {Word}");
        }

        Remove(parent, name);
        Check(Libc.linkat(Number(folder), target[^1], Number(parent), name, 0), "link", entry);
    }

    private void MakeNode(int parent, string name, TarEntry entry)
    {
        if (!_privileged && entry.Type != '6')
        {
            return; // what a user without privileges cannot have
        }

        uint type = entry.Type switch { '3' => CharacterDevice, '4' => BlockDevice, _ => Fifo };
        ulong device = entry.Type == '6' ? 0 : (entry.DeviceMinor & 0xFF) | ((ulong)entry.DeviceMajor << 8) | ((ulong)(entry.DeviceMinor & ~0xFFu) << 12);
        Check(Libc.mknodat(parent, name, type | entry.Mode, device), "mknod", entry);
        SetLinkMetadata(parent, name, entry);
        // The mask of this process took bits away.
        Check(Libc.fchmodat(parent, name, entry.Mode, 0), "chmod", entry);
    }

    private void Finish(SafeFileHandle file, TarEntry entry)
    {
        int fd = Number(file);
        if (SetsOwners)
        {
            Check(Libc.fchown(fd, UidOf(entry), GidOf(entry)), "chown", entry);
        }

        Check(Libc.fchmod(fd, entry.Mode), "chmod", entry);
        SetAttributes(fd, entry);
        Libc.timespec* times = stackalloc Libc.timespec[2];
        times[0] = times[1] = TimeOf(entry);
        Check(Libc.futimens(fd, times), "utimens", entry);
    }

    // After chown, which takes security.capability away.
    private void SetAttributes(int fd, TarEntry entry)
    {
        foreach ((string name, byte[] value) in entry.ExtendedAttributes ?? [])
        {
            // Overlayfs's own attributes would let a layer show what is not in it.
            if (name.StartsWith("trusted.overlay.", StringComparison.Ordinal) || name.StartsWith("user.overlay.", StringComparison.Ordinal))
            {
                continue;
            }

            fixed (byte* bytes = value)
            {
                int result = Libc.fsetxattr(fd, name, bytes, (nuint)value.Length, 0);
                bool optional = !_privileged || (Errno)Marshal.GetLastPInvokeError() is Errno.EOPNOTSUPP;
                if (result != 0 && !optional)
                {
                    throw LinuxException.Last("setxattr", entry.Path);
                }
            }
        }
    }

    private void SetLinkMetadata(int parent, string name, TarEntry entry)
    {
        if (SetsOwners)
        {
            Check(Libc.fchownat(parent, name, UidOf(entry), GidOf(entry), Libc.AT_SYMLINK_NOFOLLOW), "chown", entry);
        }

        Libc.timespec* times = stackalloc Libc.timespec[2];
        times[0] = times[1] = TimeOf(entry);
        Check(Libc.utimensat(parent, name, times, Libc.AT_SYMLINK_NOFOLLOW), "utimens", entry);
    }

    private bool SetsOwners => _options.SetOwners ?? _privileged;

    private static Libc.timespec TimeOf(TarEntry entry) => new() { tv_sec = entry.ModifiedSeconds, tv_nsec = entry.ModifiedNanoseconds };

    // Removes what is at a name, a whole tree included, without following links.
    private void Remove(SafeFileHandle parent, string name)
    {
        if (_options.Split is { } split)
        {
            if (FileStatus.TryGet(parent, name, out _))
            {
                split.Replace(parent, name, PlaceOf(name));
            }
        }
        else if (Libc.unlinkat(Number(parent), name, 0) != 0 && (Errno)Marshal.GetLastPInvokeError() != Errno.ENOENT)
        {
            TreeRemover.Remove(parent, name);
        }
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static void Check(int result, string call, TarEntry entry)
    {
        if (result < 0)
        {
            throw LinuxException.Last(call, entry.Path);
        }
    }
}
