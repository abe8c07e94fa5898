using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>As whom a thread makes files.</summary>
public static class FileCredentials
{
    private const int PrSetSecurebits = 28; // linux/prctl.h
    private const int NoSetuidFixup = 1 << 2; // linux/securebits.h

    /// <summary>
    /// Lets the calling thread make files for another user and group for the rest of its life, with all its capabilities: those that the kernel would take away with the user
    /// (capabilities(7), setfsuid(2)) stay.
    /// </summary>
    /// <param name="user">Number of the user.</param>
    /// <param name="group">Number of the group.</param>
    /// <exception cref="LinuxException">EPERM: no CAP_SETPCAP.</exception>
    public static void BecomeOnThisThread(uint user, uint group)
    {
        if (Libc.Syscall(Syscalls.Prctl, PrSetSecurebits, NoSetuidFixup) != 0)
        {
            throw LinuxException.Last("prctl", "SECBIT_NO_SETUID_FIXUP");
        }

        // Neither call tells a failure; the second time, each tells the id in force.
        Check(Syscalls.Setfsgid, group, "setfsgid");
        Check(Syscalls.Setfsuid, user, "setfsuid");
    }

    private static void Check(int number, uint id, string call)
    {
        _ = Libc.Syscall(number, (nint)id);
        if ((uint)Libc.Syscall(number, (nint)id) != id)
        {
            throw new LinuxException(Errno.EPERM, call);
        }
    }
}
