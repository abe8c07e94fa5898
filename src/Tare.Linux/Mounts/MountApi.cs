using System.Runtime.InteropServices;

namespace Tare.Linux.Mounts;

/// <summary>Constants and structures of the mount calls (include/uapi/linux/mount.h, fcntl.h, openat2.h).</summary>
public static class MountApi
{
    /// <summary>mount(2): the whole tree.</summary>
    public const ulong Recursive = 1 << 14;

    /// <summary>mount(2): no propagation, and never the source of a bind mount.</summary>
    public const ulong Unbindable = 1 << 17;

    /// <summary>mount(2): no propagation.</summary>
    public const ulong Private = 1 << 18;

    /// <summary>mount(2): receives propagation.</summary>
    public const ulong Slave = 1 << 19;

    /// <summary>mount(2): sends and receives propagation.</summary>
    public const ulong Shared = 1 << 20;

    /// <summary>umount2(2): detach now, clean up when it is no longer used.</summary>
    public const int Detach = 2;

    /// <summary>open_tree(2): a copy of the mount, not the mount.</summary>
    public const int OpenTreeClone = 1;

    /// <summary>open_tree(2) and mount_setattr(2): the whole tree.</summary>
    public const int AtRecursive = 0x8000;

    /// <summary>move_mount(2): the source is the descriptor.</summary>
    public const int MoveMountFromEmptyPath = 0x4;

    /// <summary>move_mount(2): the target is the descriptor.</summary>
    public const int MoveMountToEmptyPath = 0x40;

    /// <summary>fsopen(2) and fsmount(2): close-on-exec.</summary>
    public const int FsCloseOnExec = 1;

    /// <summary>fsconfig(2): a flag without a value.</summary>
    public const int SetFlag = 0;

    /// <summary>fsconfig(2): a value.</summary>
    public const int SetString = 1;

    /// <summary>fsconfig(2): make the superblock.</summary>
    public const int Create = 6;

    /// <summary>openat2(2): the directory is the root of everything that is looked up.</summary>
    public const ulong ResolveInRoot = 0x10;

    /// <summary>openat2(2): nothing on the way leads out of the directory.</summary>
    public const ulong ResolveBeneath = 0x08;

    /// <summary>openat2(2): links of /proc that jump elsewhere are refused.</summary>
    public const ulong ResolveNoMagicLinks = 0x2;

    /// <summary>openat2(2): no symbolic link is followed.</summary>
    public const ulong ResolveNoSymbolicLinks = 0x4;

    /// <summary>openat2(2): nothing is looked up on another mount.</summary>
    public const ulong ResolveSameMount = 0x1;

    /// <summary>struct open_how of openat2(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct OpenHow(ulong Flags, ulong Mode, ulong Resolve);

    /// <summary>struct mount_attr of mount_setattr(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct MountAttr(ulong Set, ulong Clear, ulong Propagation, ulong UserNamespace);
}
