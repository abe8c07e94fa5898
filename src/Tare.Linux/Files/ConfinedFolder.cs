using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Makes what is missing below a root that is not trusted; links on the way are followed inside it (<see cref="ConfinedFile"/>).</summary>
public static unsafe class ConfinedFolder
{
    /// <summary>Opens a directory or a file (O_PATH), and makes it, empty, with the folders above it, where it is missing.</summary>
    /// <param name="root">The root's path outside; trusted.</param>
    /// <param name="path">The path as seen inside; not trusted.</param>
    /// <param name="directory">Whether a directory is made.</param>
    /// <exception cref="LinuxException">EEXIST: a link that leads nowhere is in the way; ENOTDIR, EROFS…</exception>
    public static SafeFileHandle Ensure(string root, string path, bool directory)
    {
        ArgumentNullException.ThrowIfNull(path);
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        SafeFileHandle folder = ConfinedFile.Open(root, "/", Libc.O_PATH | Libc.O_DIRECTORY);
        for (int i = 0; i < parts.Length; i++)
        {
            using SafeFileHandle above = folder;
            string here = string.Join('/', parts[..(i + 1)]);
            bool last = i == parts.Length - 1;
            try
            {
                folder = ConfinedFile.Open(root, here, last ? Libc.O_PATH : Libc.O_PATH | Libc.O_DIRECTORY);
            }
            catch (LinuxException failure) when (failure.Errno == Errno.ENOENT)
            {
                Make(above, parts[i], here, directory || !last);
                folder = ConfinedFile.Open(root, here, Libc.O_PATH);
            }
        }

        return folder;
    }

    /// <summary>The path of an open file below a root, with all links resolved.</summary>
    /// <param name="root">The root's path outside, absolute and without links.</param>
    /// <param name="file">The file, opened below that root.</param>
    public static string PathInside(string root, SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(file);
        string path = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}")).LinkTarget ?? "";
        string folder = root.TrimEnd('/');
        return path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[folder.Length..] : "/";
    }

    private static void Make(SafeFileHandle folder, string name, string path, bool directory)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        nint result = directory
            ? Libc.Syscall(Syscalls.MkdirAt, folder.DangerousGetHandle(), text, 0x1ED) // 0755
            : Libc.Syscall(Syscalls.MknodAt, folder.DangerousGetHandle(), text, (nint)FileType.Regular | 0x1ED, 0);
        LinuxException? failure = result == 0 ? null : LinuxException.Last(directory ? "mkdir" : "mknod", path);
        Marshal.FreeCoTaskMem(text);
        if (failure is not null)
        {
            throw failure;
        }
    }
}
