using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Files that are written and read whole, by plain system calls: for programs whose start is counted in tenths of a millisecond.</summary>
public static unsafe class SmallFile
{
    /// <summary>Writes a file, in place of what it held.</summary>
    /// <param name="path">The path; trusted.</param>
    /// <param name="content">The content.</param>
    /// <param name="mode">Permissions of a new file, the umask applied.</param>
    /// <param name="sync">Whether it is on the disk before this returns (fsync(2)).</param>
    /// <exception cref="LinuxException">A call failed: ENOSPC, EACCES…; the file may hold a part.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x180, bool sync = false)
    {
        int fd = Libc.open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_CLOEXEC, mode);
        if (fd < 0)
        {
            throw LinuxException.Last("open", path);
        }

        LinuxException? failure = WriteAll(fd, path, content);
        if (failure is null && sync && Libc.fsync(fd) != 0)
        {
            failure = LinuxException.Last("fsync", path);
        }

        // Some file systems tell only here that there was no room (close(2)).
        if (Libc.close(fd) != 0)
        {
            failure ??= LinuxException.Last("close", path);
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static LinuxException? WriteAll(int fd, string path, ReadOnlySpan<byte> content)
    {
        fixed (byte* bytes = content)
        {
            nint sent = 0;
            while (sent < content.Length)
            {
                nint written = Libc.write(fd, bytes + sent, (nuint)(content.Length - sent));
                if (written < 0 && (Errno)Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    return LinuxException.Last("write", path);
                }

                sent += Math.Max(written, 0);
            }
        }

        return null;
    }
}
