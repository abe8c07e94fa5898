using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Runtime.Plan;

/// <summary>What <see cref="TreeCopier"/> needs beside the two directories: blittable, in the plan's memory, so that the child initialises no static.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TreeCopy
{
    /// <summary>Numbers of system calls.</summary>
    public int Getdents64, Statx, OpenAt, MkdirAt, MknodAt, SymlinkAt, ReadlinkAt, FchownAt, FchmodAt;

    /// <summary>Flags of openat(2) for directories and for files that are read: no link is followed.</summary>
    public int OpenDirectory, OpenFile;

    /// <summary>The numbers of this machine.</summary>
    public static TreeCopy Here() => new()
    {
        Getdents64 = Syscalls.Getdents64,
        Statx = Syscalls.Statx,
        OpenAt = Syscalls.OpenAt,
        MkdirAt = Syscalls.MkdirAt,
        MknodAt = Syscalls.MknodAt,
        SymlinkAt = Syscalls.SymlinkAt,
        ReadlinkAt = Syscalls.ReadlinkAt,
        FchownAt = Syscalls.FchownAt,
        FchmodAt = Syscalls.FchmodAt,
        OpenDirectory = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC,
        OpenFile = Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC,
    };
}
