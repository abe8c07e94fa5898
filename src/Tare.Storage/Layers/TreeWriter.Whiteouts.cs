using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Storage.Tar;

namespace Tare.Storage.Layers;

// What a layer hides of those below.
internal sealed unsafe partial class TreeWriter
{
    // It is about the layers below: what this layer itself has at the name stays (image-spec, layer.md, Whiteouts).
    private void Whiteout(SafeFileHandle parent, string folder, string name, TarEntry entry)
    {
        if (name.Length == 0 || name is "." or "..")
        {
            throw new StorageException($"layer entry \"{entry.Path}\" hides nothing");
        }

        string path = folder.Length == 0 ? name : folder + "/" + name;
        if (FileStatus.TryGet(parent, name, out FileStatus status) && (status.Type != FileType.Directory || _directories.ContainsKey(path)))
        {
            if (status.Type == FileType.Directory)
            {
                MarkOpaque(path);
            }

            return;
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

    private bool IsBelowNoFolder(string folder)
    {
        if (_parentPath == folder)
        {
            return false;
        }

        using SafeFileHandle? place = TryOpenInRoot(folder, Libc.O_PATH | Libc.O_DIRECTORY);
        return place is null && (Errno)Marshal.GetLastPInvokeError() == Errno.ENOTDIR;
    }

    private static bool IsWhiteout(SafeFileHandle parent, string name)
        => FileStatus.TryGet(parent, name, out FileStatus status) && status is { Type: FileType.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 };
}
