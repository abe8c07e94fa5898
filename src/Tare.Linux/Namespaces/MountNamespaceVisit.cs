using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Linux.Namespaces;

/// <summary>
/// Runs work inside another mount namespace, on a thread that is made for it and ends with it: no thread of the pool can be left in a foreign
/// namespace. A thread may enter one when it shares its file system attributes with no other (setns(2), unshare(2)).
/// </summary>
public static class MountNamespaceVisit
{
    private const int StackBytes = 512 * 1024;

    /// <summary>Runs work inside an existing mount namespace and waits for its end. What the work throws is thrown here.</summary>
    /// <param name="mountNamespace">The namespace (/proc/PID/ns/mnt). Owned by the caller.</param>
    /// <param name="work">The work; its result outlives the thread.</param>
    /// <exception cref="LinuxException">EPERM: no CAP_SYS_ADMIN over the namespace.</exception>
    public static T Enter<T>(SafeFileHandle mountNamespace, Func<T> work) => OnOwnThread(() =>
    {
        Check(Libc.unshare(Libc.CLONE_FS), "unshare");
        Check(Libc.setns((int)mountNamespace.DangerousGetHandle(), Libc.CLONE_NEWNS), "setns");
        return work();
    });

    /// <summary>Runs work inside a new mount namespace, a copy of this process's that nothing propagates out of.</summary>
    /// <param name="work">The work; its result outlives the thread.</param>
    /// <exception cref="LinuxException">EPERM: no CAP_SYS_ADMIN.</exception>
    public static T Create<T>(Func<T> work) => OnOwnThread(() =>
    {
        Check(Libc.unshare(Libc.CLONE_FS | Libc.CLONE_NEWNS), "unshare");
        DetachedMount.MakeTreePrivate("/");
        return work();
    });

    private static T OnOwnThread<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    result = work();
                }
#pragma warning disable CA1031 // handed over to the thread that asked for the work
                catch (Exception e)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            StackBytes)
        {
            IsBackground = true,
            Name = "tare-mntns",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw LinuxException.Last(call, "mount namespace");
        }
    }
}
