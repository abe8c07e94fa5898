using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Engine.Archives;

/// <summary>Makes the places in a container's root that things are mounted on.</summary>
internal static class MountTarget
{
    private const uint DirectoryMode = 0x1ED; // 0755
    private const uint FileMode = 0x1A4; // 0644

    /// <summary>Opens the place, which is made with all directories above it when it is missing.</summary>
    /// <param name="root">The container's root.</param>
    /// <param name="path">Absolute, clean path inside.</param>
    /// <param name="isDirectory">Whether a directory is mounted there.</param>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    public static SafeFileHandle Ensure(ConfinedRoot root, string path, bool isDirectory)
    {
        if (root.TryOpenInside(path, Libc.O_PATH) is { } there)
        {
            return there;
        }

        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 1; i <= parts.Length; i++)
        {
            string part = string.Join('/', parts[..i]);
            using SafeFileHandle? existing = root.TryOpenInside(part, Libc.O_PATH);
            if (existing is not null)
            {
                continue;
            }

            using SafeFileHandle parent = root.OpenInside(string.Join('/', parts[..(i - 1)]), Libc.O_PATH | Libc.O_DIRECTORY);
            Make(parent, parts[i - 1], isDirectory || i < parts.Length, part);
        }

        return root.OpenInside(path, Libc.O_PATH);
    }

    private static void Make(SafeFileHandle parent, string name, bool isDirectory, string path)
    {
        int number = (int)parent.DangerousGetHandle();
        if (isDirectory)
        {
            if (Libc.mkdirat(number, name, DirectoryMode) != 0)
            {
                throw LinuxException.Last("mkdir", "/" + path);
            }

            return;
        }

        int fd = Libc.openat(number, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, FileMode);
        if (fd < 0)
        {
            throw LinuxException.Last("open", "/" + path);
        }

        _ = Libc.close(fd);
    }
}
