using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Storage.Tar;

/// <summary>
/// Walks a tree whose content is not trusted, and writes it as tar entries: names in order, so that the same tree gives the same archive. Every step goes from an open
/// directory to a name in it without following a link, so that nobody who changes the tree meanwhile leads the walk elsewhere; what goes away meanwhile is left out.
/// Sockets are left out, as tar has no entry for them.
/// </summary>
/// <param name="writer">Gets the entries.</param>
/// <param name="marks">How the tree says what is deleted.</param>
/// <param name="skip">Entries to leave out with all below them, by path and status; null for none.</param>
/// <param name="cancellationToken">Gives up between two entries.</param>
internal sealed class TreeArchiver(TarWriter writer, DeletionMarks marks, Func<string, FileStatus, bool>? skip, CancellationToken cancellationToken)
{
    private const int MaximumDepth = 2048; // no path that the kernel takes has more directories (PATH_MAX)
    private const string OverlayPrefix = "trusted.overlay.";
    private readonly Dictionary<(ulong FileSystem, ulong Inode), string> _links = [];
    private readonly byte[] _names = new byte[64 * 1024];

    /// <summary>Whether the layers below have a directory that an opaque one can hide.</summary>
    public Func<string, bool> IsDirectoryBelow { get; init; } = static _ => true;

    /// <summary>What the tree's owners are in the archive; null for themselves.</summary>
    public IdTranslation? Ids { get; init; }

    /// <summary>Writes everything that is in a directory, but not the directory itself.</summary>
    /// <param name="directory">Open for any use, O_PATH too.</param>
    /// <param name="prefix">What stands before the names: empty, or a path that ends with a slash.</param>
    public void AddContent(SafeFileHandle directory, string prefix) => AddContent(directory, prefix, 0);

    /// <summary>Writes what is open with everything below it.</summary>
    /// <param name="place">What is written, opened with O_PATH and O_NOFOLLOW.</param>
    /// <param name="path">The entry's path; for a directory without the slash at its end.</param>
    public void Add(SafeFileHandle place, string path) => Add(place, path, 0);

    private void AddContent(SafeFileHandle directory, string prefix, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw new StorageException(StorageErrorKind.Refused, $"\"{prefix[..64]}…\" has more than {MaximumDepth} directories in each other");
        }

        foreach (string name in NamesIn(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using SafeFileHandle? place = ConfinedRoot.TryOpenAt(directory, name, Libc.O_PATH);
            if (place is not null)
            {
                Add(place, prefix + name, depth);
            }
            else if ((Errno)Marshal.GetLastPInvokeError() != Errno.ENOENT)
            {
                throw LinuxException.Last("open", prefix + name);
            }
        }
    }

    private List<string> NamesIn(SafeFileHandle directory)
    {
        using SafeFileHandle readable = ConfinedRoot.Reopen(directory, Libc.O_RDONLY | Libc.O_DIRECTORY);
        List<string> names = [];
        while (DirectoryNames.Next(readable, _names) is { Count: > 0 } more)
        {
            names.AddRange(more);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private void Add(SafeFileHandle place, string path, int depth)
    {
        FileStatus status = FileStatus.Of(place);
        if (status.Type == FileType.Socket || skip?.Invoke(path, status) == true)
        {
            return;
        }

        if (marks == DeletionMarks.Overlay && status is { Type: FileType.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 })
        {
            int slash = path.LastIndexOf('/') + 1;
            writer.WriteHeader(new TarEntry { Path = $"{path[..slash]}.wh.{path[slash..]}", Type = '0' });
            return;
        }

        TarEntry entry = EntryOf(status, path);
        if (status.Type != FileType.Directory && status.Links > 1 && !_links.TryAdd((status.FileSystem, status.Inode), path))
        {
            entry.Type = '1';
            entry.LinkTarget = _links[(status.FileSystem, status.Inode)];
            writer.WriteHeader(entry);
            return;
        }

        switch (status.Type)
        {
            case FileType.Directory:
                AddDirectory(place, entry, path, depth);
                break;
            case FileType.Regular:
                AddFile(place, entry, status);
                break;
            case FileType.SymbolicLink:
                entry.LinkTarget = ConfinedRoot.LinkTargetOf(place);
                writer.WriteHeader(entry);
                break;
            default:
                (entry.DeviceMajor, entry.DeviceMinor) = (status.DeviceMajor, status.DeviceMinor);
                writer.WriteHeader(entry);
                break;
        }
    }

    private void AddDirectory(SafeFileHandle place, TarEntry entry, string path, int depth)
    {
        entry.ExtendedAttributes = AttributesOf(place, path, out bool isOpaque);
        entry.Path = path + "/";
        writer.WriteHeader(entry);
        if (isOpaque && IsDirectoryBelow(path))
        {
            writer.WriteHeader(new TarEntry { Path = path + "/.wh..wh..opq", Type = '0' });
        }

        AddContent(place, path + "/", depth + 1);
    }

    private void AddFile(SafeFileHandle place, TarEntry entry, FileStatus status)
    {
        entry.ExtendedAttributes = AttributesOf(place, entry.Path, out _);
        entry.Size = status.SizeBytes;
        if (entry.Size == 0)
        {
            writer.WriteHeader(entry);
            return;
        }

        using SafeFileHandle file = ConfinedRoot.Reopen(place, Libc.O_RDONLY | Libc.O_NONBLOCK);
        writer.WriteHeader(entry);
        writer.WriteFile(file, entry.Size, status.AllocatedBytes < status.SizeBytes);
    }

    private TarEntry EntryOf(FileStatus status, string path) => new()
    {
        Path = path,
        Type = status.Type switch
        {
            FileType.Regular => '0',
            FileType.SymbolicLink => '2',
            FileType.CharacterDevice => '3',
            FileType.BlockDevice => '4',
            FileType.Directory => '5',
            FileType.Fifo => '6',
            _ => throw new StorageException(StorageErrorKind.Refused, $"\"{path}\" is of a type that tar does not know"),
        },
        Mode = status.Permissions,
        Uid = Ids?.UserInside(status.Uid) ?? status.Uid,
        Gid = Ids?.GroupInside(status.Gid) ?? status.Gid,
        ModifiedSeconds = status.ModifiedSeconds,
        ModifiedNanoseconds = status.ModifiedNanoseconds,
    };

    private Dictionary<string, byte[]>? AttributesOf(SafeFileHandle place, string path, out bool isOpaque)
    {
        isOpaque = false;
        Dictionary<string, byte[]>? attributes = ExtendedAttributes.Read(place, IsKept);
        if (attributes is not null && Ids is { } ids && attributes.TryGetValue(FileCapability.Attribute, out byte[]? capability))
        {
            attributes[FileCapability.Attribute] = FileCapability.SeenBy(ids, capability);
        }

        if (attributes is null || marks != DeletionMarks.Overlay)
        {
            return attributes;
        }

        if (attributes.ContainsKey(OverlayPrefix + "redirect") || attributes.ContainsKey(OverlayPrefix + "metacopy"))
        {
            throw new StorageException(
                StorageErrorKind.Refused, $"\"/{path}\" is kept by overlayfs as a reference to a lower layer; hint: set the module parameters redirect_dir and metacopy of overlay to N");
        }

        isOpaque = attributes.Remove(OverlayPrefix + "opaque", out byte[]? opaque) && opaque is [(byte)'y'];
        return attributes.Count > 0 ? attributes : null;
    }

    // What belongs to the file itself, not to the machine that it lies on (security.selinux) or to overlayfs.
    private bool IsKept(string name)
    {
        if (name.StartsWith(OverlayPrefix, StringComparison.Ordinal))
        {
            return marks == DeletionMarks.Overlay && name[OverlayPrefix.Length..] is "opaque" or "redirect" or "metacopy";
        }

        return name == FileCapability.Attribute || name.StartsWith("trusted.", StringComparison.Ordinal) || name.StartsWith("system.posix_acl_", StringComparison.Ordinal)
            || (name.StartsWith("user.", StringComparison.Ordinal) && !name.StartsWith("user.overlay.", StringComparison.Ordinal));
    }
}
