using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Linux.Mounts;

/// <summary>
/// Mounts that stand in no directory: they are reached through their descriptor only, nobody else sees them, and they go when the last descriptor is closed
/// (fsmount(2), open_tree(2); Linux 5.2). Descriptors belong to the caller.
/// </summary>
public static unsafe class DetachedMount
{
    /// <summary>Mounts a file system.</summary>
    /// <param name="type">Its type: <c>overlay</c>.</param>
    /// <param name="options">Its options in order; a value of null makes a flag.</param>
    /// <param name="attributes">Attributes of the mount.</param>
    /// <exception cref="LinuxException">The kernel refuses; the option or call is named.</exception>
    public static SafeFileHandle Make(string type, IEnumerable<(string Name, string? Value)> options, MountAttributes attributes)
    {
        using SafeFileHandle context = Own(WithString(type, name => Libc.Syscall(Syscalls.Fsopen, name, MountApi.FsCloseOnExec)), "fsopen", type);
        int number = (int)context.DangerousGetHandle();
        foreach ((string name, string? value) in options)
        {
            nint result = WithString(name, key => value is null
                ? Libc.Syscall(Syscalls.Fsconfig, number, MountApi.SetFlag, key)
                : WithString(value, text => Libc.Syscall(Syscalls.Fsconfig, number, MountApi.SetString, key, text)));
            Check(result, "fsconfig", value is null ? name : $"{name}={value}");
        }

        Check(Libc.Syscall(Syscalls.Fsconfig, number, MountApi.Create), "fsconfig", type);
        return Own(Libc.Syscall(Syscalls.Fsmount, number, MountApi.FsCloseOnExec, (nint)attributes), "fsmount", type);
    }

    /// <summary>Copies a mount of the calling thread's namespace.</summary>
    /// <param name="path">Where it is: any file or directory.</param>
    /// <param name="recursive">Whether the mounts below are copied too.</param>
    /// <exception cref="LinuxException">There is no such file.</exception>
    public static SafeFileHandle Copy(string path, bool recursive)
    {
        nint flags = MountApi.OpenTreeClone | Libc.O_CLOEXEC | (recursive ? MountApi.AtRecursive : 0);
        return Own(WithString(path, name => Libc.Syscall(Syscalls.OpenTree, Libc.AT_FDCWD, name, flags)), "open_tree", path);
    }

    /// <summary>Changes attributes of a mount and of those below it.</summary>
    /// <exception cref="LinuxException">The kernel refuses, or is older than 5.12.</exception>
    public static void Set(SafeFileHandle mount, MountAttributes attributes)
        => Change(mount, new MountApi.MountAttr((ulong)attributes, 0, 0, 0), MountApi.AtRecursive, null);

    /// <summary>Maps the ids of a detached mount's files: what belongs to an id inside of the user namespace on the disk belongs to the one outside when it is seen through the mount.</summary>
    /// <param name="mount">The mount, which nobody sees yet.</param>
    /// <param name="userNamespace">The user namespace; the mount keeps it.</param>
    /// <exception cref="LinuxException">EINVAL: the file system knows no mapped mounts. ENOSYS: the kernel is older than 5.12.</exception>
    public static void MapIds(SafeFileHandle mount, SafeFileHandle userNamespace)
    {
        Change(mount, new MountApi.MountAttr((ulong)MountAttributes.IdMapped, 0, 0, (ulong)userNamespace.DangerousGetHandle()), 0, "MOUNT_ATTR_IDMAP");
        GC.KeepAlive(userNamespace);
    }

    /// <summary>Puts a detached mount over an open file or directory, in the namespace that this one is mounted in.</summary>
    /// <exception cref="LinuxException">ENOTDIR: one is a directory and the other is not. EINVAL: the target is in another namespace than the caller.</exception>
    public static void Attach(SafeFileHandle mount, SafeFileHandle target, string name)
    {
        byte empty = 0;
        Check(
            Libc.Syscall(
                Syscalls.MoveMount, (int)mount.DangerousGetHandle(), (nint)(&empty), (int)target.DangerousGetHandle(), (nint)(&empty), MountApi.MoveMountFromEmptyPath | MountApi.MoveMountToEmptyPath),
            "move_mount",
            name);
        GC.KeepAlive(mount);
        GC.KeepAlive(target);
    }

    /// <summary>Makes a mount point the root of the calling thread's namespace and lets go of all else (pivot_root(2), notes). For threads that share their root with nobody.</summary>
    internal static void BecomeRoot(string path)
    {
        Check(WithString(path, name => Libc.Syscall(Syscalls.Chdir, name)), "chdir", path);
        byte* here = stackalloc byte[] { (byte)'.', 0 };
        Check(Libc.Syscall(Syscalls.PivotRoot, (nint)here, (nint)here), "pivot_root", path);
        Check(Libc.Syscall(Syscalls.Umount2, (nint)here, MountApi.Detach), "umount2", "the old root");
    }

    /// <summary>Leaves the calling thread's mount namespace for a copy of it, which goes with the thread. For threads that share their root with nobody.</summary>
    internal static void LeaveNamespaceForCopy() => Check(Libc.unshare(Libc.CLONE_NEWNS), "unshare", "mount namespace");

    /// <summary>Keeps a tree of mounts of the calling thread's namespace from passing mounts on, and from getting any.</summary>
    internal static void MakeTreePrivate(string path)
    {
        nint result = WithString(path, name => Libc.Syscall(Syscalls.Mount, 0, name, 0, unchecked((nint)(MountApi.Recursive | MountApi.Private)), 0));
        Check(result, "mount", path);
    }

    private static void Change(SafeFileHandle mount, MountApi.MountAttr change, int flags, string? what)
    {
        byte empty = 0;
        Check(Libc.Syscall(Syscalls.MountSetattr, (int)mount.DangerousGetHandle(), (nint)(&empty), Libc.AT_EMPTY_PATH | flags, (nint)(&change), sizeof(MountApi.MountAttr)), "mount_setattr", what);
        GC.KeepAlive(mount);
    }

    private static nint WithString(string text, Func<nint, nint> call)
    {
        fixed (byte* bytes = FileNames.Encode(text))
        {
            return call((nint)bytes);
        }
    }

    private static SafeFileHandle Own(nint fd, string call, string path) => fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last(call, path);

    private static void Check(nint result, string call, string? path)
    {
        if (result < 0)
        {
            throw LinuxException.Last(call, path);
        }
    }
}
