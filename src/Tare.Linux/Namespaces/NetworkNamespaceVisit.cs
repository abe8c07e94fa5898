using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Namespaces;

/// <summary>Runs a short piece of work inside another network namespace on the calling thread: for programs of one thread. Others take <see cref="NetworkNamespaceThread"/>.</summary>
public static class NetworkNamespaceVisit
{
    /// <summary>Runs the work and returns to the namespace of before.</summary>
    /// <param name="networkNamespace">The namespace. Owned by the caller.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="LinuxException">EPERM: no CAP_SYS_ADMIN over the namespace.</exception>
    public static void Run(SafeFileHandle networkNamespace, Action work)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        ArgumentNullException.ThrowIfNull(work);
        using SafeFileHandle home = File.OpenHandle("/proc/thread-self/ns/net");
        Enter(networkNamespace);
        try
        {
            work();
        }
        finally
        {
            Enter(home);
        }
    }

    private static void Enter(SafeFileHandle networkNamespace)
    {
        if (Libc.setns((int)networkNamespace.DangerousGetHandle(), Libc.CLONE_NEWNET) != 0)
        {
            throw LinuxException.Last("setns", "network namespace");
        }
    }
}
