using System.Globalization;
using System.Text;
using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

/// <summary>Reads and writes the small files of cgroupfs with plain system calls: one write(2) is one command to the kernel.</summary>
public static unsafe class CgroupFile
{
    /// <summary>Writes a value; a failure is returned, not thrown. Never creates a file.</summary>
    public static Errno TryWrite(string path, string value)
    {
        int fd = Open(path, Libc.O_WRONLY);
        if (fd < 0)
        {
            return LastErrno();
        }

        Errno result = WriteOpen(fd, value);
        _ = Libc.close(fd);
        return result;
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="LinuxException">The file is missing or the kernel refuses the value.</exception>
    public static void Write(string path, string value)
    {
        Errno errno = TryWrite(path, value);
        if (errno != Errno.None)
        {
            throw new LinuxException(errno, "write \"" + value.TrimEnd('\n') + "\" to", path);
        }
    }

    /// <summary>Opens a file for several <see cref="WriteOpen"/>; negative on failure. The caller closes it.</summary>
    public static int Open(string path, int flags)
    {
        int fd;
        do
        {
            fd = Libc.open(path, flags | Libc.O_CLOEXEC, 0);
        }
        while (fd < 0 && LastErrno() == Errno.EINTR);
        return fd;
    }

    /// <summary>Gives the kernel one command through an open file.</summary>
    public static Errno WriteOpen(int fd, string value)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(value);
        fixed (byte* start = bytes)
        {
            while (Libc.write(fd, start, (nuint)bytes.Length) < 0)
            {
                Errno errno = LastErrno();
                if (errno != Errno.EINTR)
                {
                    return errno;
                }
            }
        }

        return Errno.None;
    }

    /// <summary>The text of a file, or null when it cannot be read.</summary>
    public static string? TryRead(string path)
    {
        int fd = Open(path, Libc.O_RDONLY);
        if (fd < 0)
        {
            return null;
        }

        try
        {
            return ReadOpen(fd);
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    /// <summary>The text of a file.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static string Read(string path) => TryRead(path) ?? throw LinuxException.Last("open", path);

    /// <summary>A number in a file; null when it cannot be read; <see cref="long.MaxValue"/> for <c>max</c> and for larger numbers.</summary>
    public static long? TryReadNumber(string path)
    {
        string? text = TryRead(path)?.Trim();
        return text is null ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number
            : long.MaxValue;
    }

    /// <summary>The value of a line <c>key value</c>; null when there is none.</summary>
    public static long? FieldOf(string text, string key)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key, StringComparison.Ordinal)
                && long.TryParse(line[(key.Length + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Makes a directory of mode 0755.</summary>
    /// <returns>None, EEXIST, or what went wrong.</returns>
    public static Errno MakeDirectory(string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* start = bytes)
        {
            return Libc.Syscall(Syscalls.MkdirAt, Libc.AT_FDCWD, (nint)start, 0x1ED) == 0 ? Errno.None : LastErrno();
        }
    }

    /// <summary>Pauses this thread, for a kernel that is about to finish (a dying cgroup, a freezing task).</summary>
    public static void Pause(int milliseconds) => _ = Libc.poll(null, 0, milliseconds);

    private static string ReadOpen(int fd)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                count = Libc.read(fd, start + length, (nuint)(buffer.Length - length));
            }

            if (count < 0 && LastErrno() == Errno.EINTR)
            {
                continue;
            }

            if (count <= 0)
            {
                return Encoding.UTF8.GetString(buffer, 0, length);
            }

            length += (int)count;
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static Errno LastErrno() => (Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
}
