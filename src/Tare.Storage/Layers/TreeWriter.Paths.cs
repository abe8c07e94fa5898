using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Storage.Tar;

namespace Tare.Storage.Layers;

// Finding directories inside the root.
internal sealed unsafe partial class TreeWriter
{
    private SafeFileHandle OpenParent(string folder)
    {
        if (_parent is not null && _parentPath == folder)
        {
            return _parent;
        }

        ForgetParent();
        _parent = TryOpenInRoot(folder, Libc.O_PATH | Libc.O_DIRECTORY) ?? MakeParents(folder);
        _parentPath = folder;
        _parentPlace = _options.Split is null ? "" : _root.PathOf(_parent).Trim('/');
        return _parent;
    }

    private SafeFileHandle MakeParents(string folder)
    {
        string made = "";
        foreach (string part in folder.Split('/'))
        {
            using SafeFileHandle above = TryOpenInRoot(made, Libc.O_PATH | Libc.O_DIRECTORY) ?? throw NoFolder(made);
            made = made.Length == 0 ? part : made + "/" + part;
            if (Libc.mkdirat(Number(above), part, 0x1ED) == 0)
            {
                // Whatever this process's mask says.
                _ = Libc.fchmodat(Number(above), part, 0x1ED, 0);
                _implied.Add(made);
            }
            else if ((Errno)Marshal.GetLastPInvokeError() != Errno.EEXIST)
            {
                throw LinuxException.Last("mkdir", "/" + made);
            }
            else if (_options.Marks == DeletionMarks.Overlay && IsWhiteout(above, part))
            {
                // Deleted below and made anew here.
                Remove(above, part);
                if (Libc.mkdirat(Number(above), part, 0x1ED) != 0 || Libc.fchmodat(Number(above), part, 0x1ED, 0) != 0)
                {
                    throw LinuxException.Last("mkdir", "/" + made);
                }

                MarkOpaque(made);
            }
        }

        return TryOpenInRoot(folder, Libc.O_PATH | Libc.O_DIRECTORY) ?? throw NoFolder(folder);
    }

    private StorageException NoFolder(string folder)
        => new($"{Word} path \"/{folder}\" is no folder, and no link to one inside the {Word}", LinuxException.Last("openat2", "/" + folder));

    private SafeFileHandle? TryOpenInRoot(string path, int flags) => _root.TryOpenInside(_options.Base.Length == 0 ? path : $"{_options.Base}/{path}", flags);

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
}
