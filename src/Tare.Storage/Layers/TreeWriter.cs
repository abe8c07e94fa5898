using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;
using Tare.Storage.Tar;

namespace Tare.Storage.Layers;

/// <summary>
/// Writes the entries of a layer below a root, in overlayfs's format: whiteouts become character devices 0:0, opaque directories get the attribute
/// trusted.overlay.opaque (Documentation/filesystems/overlayfs.rst). Directories are found only by openat2(2) with RESOLVE_IN_ROOT, and the
/// last component is never followed, so nothing is written outside, whatever links the layer itself made.
/// </summary>
internal sealed unsafe class TreeWriter : IDisposable
{
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string OpaqueAttribute = "trusted.overlay.opaque";
    private const uint CharacterDevice = 0x2000;
    private const uint BlockDevice = 0x6000;
    private const uint Fifo = 0x1000;

    private readonly SafeFileHandle _root;
    private readonly bool _privileged;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly List<(string Path, TarEntry Entry)> _directories = [];
    private SafeFileHandle? _parent;
    private string? _parentPath;

    /// <summary>Writes below <paramref name="root"/>, an empty directory.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="privileged">Whether owners, device nodes and trusted attributes are made, which takes root.</param>
    public TreeWriter(string root, bool privileged)
    {
        int fd = Libc.open(root, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        _root = fd < 0 ? throw LinuxException.Last("open", root) : new SafeFileHandle(fd, ownsHandle: true);
        _privileged = privileged;
    }

    /// <summary>Writes one entry; the content is read from <paramref name="archive"/>.</summary>
    /// <exception cref="StorageException">The entry leads outside, or is of an unknown kind.</exception>
    /// <exception cref="LinuxException">A file could not be written.</exception>
    public void Write(TarEntry entry, TarReader archive)
    {
        string[] parts = Clean(entry.Path, $"layer entry \"{entry.Path}\" leads outside of the layer");
        if (parts.Length == 0)
        {
            if (entry.Type == '5')
            {
                _directories.Add(("", entry));
            }

            return;
        }

        string folder = string.Join('/', parts[..^1]);
        string name = parts[^1];
        SafeFileHandle parent = OpenParent(folder);
        if (name == OpaqueMarker)
        {
            MarkOpaque(folder);
        }
        else if (name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            Whiteout(parent, name[WhiteoutPrefix.Length..], entry);
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
            (string path, TarEntry entry) = _directories[i];
            using SafeFileHandle? directory = TryOpenInRoot(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
            if (directory is not null)
            {
                Finish(directory, entry);
            }
        }
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
                throw new StorageException($"layer entry \"{entry.Path}\" is of unknown type '{entry.Type}'");
        }
    }

    private void MakeFile(int parent, string name, TarEntry entry, TarReader archive)
    {
        int fd = Libc.openat(parent, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0x180); // 0600
        Check(fd, "open", entry);
        using SafeFileHandle file = new(fd, ownsHandle: true);
        int read;
        long offset = 0;
        while ((read = archive.Read(_buffer)) > 0)
        {
            RandomAccess.Write(file, _buffer.AsSpan(0, read), offset);
            offset += read;
        }

        Finish(file, entry);
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
                Remove(parent, name);
                result = Libc.mkdirat(Number(parent), name, 0x1ED);
            }
        }

        Check(result, "mkdir", entry);
        _directories.Add((folder.Length == 0 ? name : folder + "/" + name, entry));
    }

    private void MakeHardLink(SafeFileHandle parent, string name, TarEntry entry)
    {
        string[] target = Clean(entry.LinkTarget, $"layer entry \"{entry.Path}\" links to \"{entry.LinkTarget}\" outside of the layer");
        if (target.Length == 0)
        {
            throw new StorageException($"layer entry \"{entry.Path}\" links to the layer's root");
        }

        using SafeFileHandle? folder = TryOpenInRoot(string.Join('/', target[..^1]), Libc.O_PATH | Libc.O_DIRECTORY);
        if (folder is null)
        {
            throw new StorageException($"layer entry \"{entry.Path}\" links to \"{entry.LinkTarget}\", which is not in the layer");
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
        nint path = Marshal.StringToCoTaskMemUTF8(name);
        _ = Libc.Syscall(Syscalls.FchmodAt, parent, path, (nint)entry.Mode);
        Marshal.FreeCoTaskMem(path);
    }

    private void Whiteout(SafeFileHandle parent, string name, TarEntry entry)
    {
        if (name.Length == 0 || name is "." or "..")
        {
            throw new StorageException($"layer entry \"{entry.Path}\" hides nothing");
        }

        Remove(parent, name);
        if (_privileged)
        {
            Check(Libc.mknodat(Number(parent), name, CharacterDevice, 0), "mknod", entry);
        }
    }

    private void MarkOpaque(string folder)
    {
        if (!_privileged)
        {
            return;
        }

        using SafeFileHandle? directory = TryOpenInRoot(folder, Libc.O_RDONLY | Libc.O_DIRECTORY);
        byte yes = (byte)'y';
        if (directory is null || Libc.fsetxattr(Number(directory), OpaqueAttribute, &yes, 1, 0) != 0)
        {
            throw LinuxException.Last("setxattr", "/" + folder);
        }
    }

    private void Finish(SafeFileHandle file, TarEntry entry)
    {
        int fd = Number(file);
        if (_privileged)
        {
            Check(Libc.fchown(fd, entry.Uid, entry.Gid), "chown", entry);
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
        if (_privileged)
        {
            Check(Libc.fchownat(parent, name, entry.Uid, entry.Gid, Libc.AT_SYMLINK_NOFOLLOW), "chown", entry);
        }

        Libc.timespec* times = stackalloc Libc.timespec[2];
        times[0] = times[1] = TimeOf(entry);
        Check(Libc.utimensat(parent, name, times, Libc.AT_SYMLINK_NOFOLLOW), "utimens", entry);
    }

    private static Libc.timespec TimeOf(TarEntry entry) => new() { tv_sec = entry.ModifiedSeconds, tv_nsec = entry.ModifiedNanoseconds };

    // Removes what is at a name, a whole tree included, without following links.
    private static void Remove(SafeFileHandle parent, string name)
    {
        if (Libc.unlinkat(Number(parent), name, 0) == 0 || (Errno)Marshal.GetLastPInvokeError() == Errno.ENOENT)
        {
            return;
        }

        TreeRemover.Remove(parent, name);
    }

    private SafeFileHandle OpenParent(string folder)
    {
        if (_parent is not null && _parentPath == folder)
        {
            return _parent;
        }

        ForgetParent();
        _parent = TryOpenInRoot(folder, Libc.O_PATH | Libc.O_DIRECTORY) ?? MakeParents(folder);
        _parentPath = folder;
        return _parent;
    }

    private SafeFileHandle MakeParents(string folder)
    {
        string made = "";
        foreach (string part in folder.Split('/'))
        {
            using SafeFileHandle above = TryOpenInRoot(made, Libc.O_PATH | Libc.O_DIRECTORY) ?? throw NoFolder(made);
            made = made.Length == 0 ? part : made + "/" + part;
            if (Libc.mkdirat(Number(above), part, 0x1ED) != 0 && (Errno)Marshal.GetLastPInvokeError() != Errno.EEXIST)
            {
                throw LinuxException.Last("mkdir", "/" + made);
            }
        }

        return TryOpenInRoot(folder, Libc.O_PATH | Libc.O_DIRECTORY) ?? throw NoFolder(folder);
    }

    private static StorageException NoFolder(string folder)
        => new($"layer path \"/{folder}\" is no folder, and no link to one inside the layer", LinuxException.Last("openat2", "/" + folder));

    private SafeFileHandle? TryOpenInRoot(string path, int flags)
    {
        MountApi.OpenHow how = new((uint)(flags | Libc.O_CLOEXEC), 0, MountApi.ResolveInRoot | MountApi.ResolveNoMagicLinks);
        nint name = Marshal.StringToCoTaskMemUTF8(path.Length == 0 ? "." : path);
        nint fd = Libc.Syscall(Syscalls.OpenAt2, Number(_root), name, (nint)(&how), sizeof(MountApi.OpenHow));
        int error = Marshal.GetLastPInvokeError();
        Marshal.FreeCoTaskMem(name);
        Marshal.SetLastPInvokeError(error);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    private void ForgetParent()
    {
        _parent?.Dispose();
        _parent = null;
        _parentPath = null;
    }

    private static string[] Clean(string path, string escapes)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                {
                    throw new StorageException(escapes);
                }

                parts.RemoveAt(parts.Count - 1);
            }
            else if (part.Length > 0 && part != ".")
            {
                parts.Add(part);
            }
        }

        return [.. parts];
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
