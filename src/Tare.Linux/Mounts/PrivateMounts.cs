using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;

namespace Tare.Linux.Mounts;

/// <summary>
/// A mount namespace for a short piece of work: mounts made there are seen by nobody else, and go with the last process in it. For programs of one thread,
/// which is in it until <see cref="Leave"/>; programs started meanwhile stay there.
/// </summary>
public sealed unsafe class PrivateMounts : IDisposable
{
    private readonly SafeFileHandle _home;
    private readonly SafeFileHandle _root;
    private readonly SafeFileHandle _directory;
    private bool _inside = true;

    private PrivateMounts(SafeFileHandle home, SafeFileHandle root, SafeFileHandle directory)
    {
        _home = home;
        _root = root;
        _directory = directory;
    }

    /// <summary>Enters a new namespace, a copy of this process's, to which later mounts outside still come.</summary>
    /// <exception cref="LinuxException">EPERM: no CAP_SYS_ADMIN.</exception>
    public static PrivateMounts Enter()
    {
        SafeFileHandle home = File.OpenHandle("/proc/thread-self/ns/mnt");
        PrivateMounts mounts = new(home, OpenPlace("/"), OpenPlace("."));
        if (Libc.Syscall(Syscalls.Unshare, (nint)NamespaceType.Mount) != 0)
        {
            LinuxException failure = LinuxException.Last("unshare", "mount namespace");
            mounts._inside = false;
            mounts.Dispose();
            throw failure;
        }

        try
        {
            Mount(null, "/", MountApi.Slave | MountApi.Recursive);
            return mounts;
        }
        catch
        {
            mounts.Dispose();
            throw;
        }
    }

    /// <summary>Shows a place of the tree, with all mounts below it, at another.</summary>
    /// <exception cref="LinuxException">ENOENT, ENOTDIR…</exception>
    public static void Bind(string source, string target)
    {
        const ulong BindFlag = 0x1000; // MS_BIND
        Mount(source, target, BindFlag | MountApi.Recursive);
    }

    /// <summary>Takes away what <see cref="Bind"/> showed.</summary>
    /// <exception cref="LinuxException">EINVAL: nothing is mounted there.</exception>
    public static void Unbind(string target)
    {
        nint path = Marshal.StringToCoTaskMemUTF8(target);
        LinuxException? failure = Libc.Syscall(Syscalls.Umount2, path, MountApi.Detach) == 0 ? null : LinuxException.Last("umount2", target);
        Marshal.FreeCoTaskMem(path);
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Goes back to the namespace of before, with the root and the working directory of before.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public void Leave()
    {
        if (!_inside)
        {
            return;
        }

        if (Libc.setns((int)_home.DangerousGetHandle(), (int)NamespaceType.Mount) != 0)
        {
            throw LinuxException.Last("setns", "mount namespace");
        }

        _inside = false;

        // setns(2) takes both from the namespace; this process may have been in a chroot.
        fixed (byte* here = ".\0"u8)
        {
            if (Libc.Syscall(Syscalls.Fchdir, _root.DangerousGetHandle()) != 0 || Libc.Syscall(Syscalls.Chroot, (nint)here) != 0
                || Libc.Syscall(Syscalls.Fchdir, _directory.DangerousGetHandle()) != 0)
            {
                throw LinuxException.Last("fchdir", "the directory of before");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Leave();
        _home.Dispose();
        _root.Dispose();
        _directory.Dispose();
    }

    private static SafeFileHandle OpenPlace(string path)
    {
        int descriptor = Libc.open(path, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return descriptor < 0 ? throw LinuxException.Last("open", path) : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static void Mount(string? source, string target, ulong flags)
    {
        nint from = source is null ? 0 : Marshal.StringToCoTaskMemUTF8(source);
        nint to = Marshal.StringToCoTaskMemUTF8(target);
        LinuxException? failure = Libc.Syscall(Syscalls.Mount, from, to, 0, (nint)flags, 0) == 0 ? null : LinuxException.Last("mount", target);
        Marshal.FreeCoTaskMem(to);
        Marshal.FreeCoTaskMem(from);
        if (failure is not null)
        {
            throw failure;
        }
    }
}
