using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Reads the names in an open directory, as many as one call brings at a time (getdents64(2)); names that are no UTF-8 are kept (<see cref="FileNames"/>).</summary>
public static unsafe class DirectoryNames
{
    private const int HeaderLength = 19; // struct linux_dirent64: inode 8, offset 8, record length 2, type 1

    /// <summary>All names in a directory.</summary>
    /// <param name="directory">Opened in any way, also for its path alone (O_PATH).</param>
    /// <param name="buffer">Where the kernel writes, at least 32 KiB.</param>
    /// <exception cref="LinuxException">The directory cannot be read.</exception>
    public static List<string> All(SafeFileHandle directory, byte[] buffer)
    {
        using SafeFileHandle readable = ConfinedRoot.Reopen(directory, Libc.O_RDONLY | Libc.O_DIRECTORY);
        List<string> names = [];
        while (Next(readable, buffer) is { Count: > 0 } more)
        {
            names.AddRange(more);
        }

        return names;
    }

    /// <summary>The next names; none at the end.</summary>
    /// <param name="directory">Opened for reading; its position moves on.</param>
    /// <param name="buffer">Where the kernel writes, at least 32 KiB.</param>
    /// <exception cref="LinuxException">The directory cannot be read.</exception>
    public static List<string> Next(SafeFileHandle directory, byte[] buffer)
    {
        nint length;
        fixed (byte* bytes = buffer)
        {
            length = Libc.Syscall(Syscalls.Getdents64, (int)directory.DangerousGetHandle(), (nint)bytes, buffer.Length);
        }

        if (length < 0)
        {
            LinuxException failure = LinuxException.Last("getdents64");
            // Somebody else has removed the directory meanwhile: nothing is in it (getdents(2)).
            return failure.Errno == Errno.ENOENT ? [] : throw failure;
        }

        List<string> names = [];
        ReadOnlySpan<byte> rest = buffer.AsSpan(0, (int)length);
        while (!rest.IsEmpty)
        {
            ushort record = BinaryPrimitives.ReadUInt16LittleEndian(rest[16..]);
            ReadOnlySpan<byte> name = rest[HeaderLength..record];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                names.Add(FileNames.Decode(name));
            }

            rest = rest[record..];
        }

        // "." and ".." alone are no end.
        return names.Count > 0 || length == 0 ? names : Next(directory, buffer);
    }
}
