using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>A pidfd (pidfd_open(2), Linux 5.3): names a process without the race of a reused pid. Closing it does not touch the process.</summary>
public sealed class SafePidFd : SafeHandleMinusOneIsInvalid
{
    /// <summary>For the marshaller.</summary>
    public SafePidFd()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Owns a descriptor that the caller obtained.</summary>
    public SafePidFd(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The descriptor, for calls that take it raw. Valid while this handle is open.</summary>
    public int Descriptor => (int)handle;

    /// <summary>Opens the process <paramref name="pid"/>.</summary>
    /// <exception cref="LinuxException">ESRCH: there is none.</exception>
    public static SafePidFd Open(int pid)
    {
        nint descriptor = Libc.Syscall(Syscalls.PidfdOpen, pid);
        return descriptor < 0 ? throw LinuxException.Last("pidfd_open", pid.ToString(System.Globalization.CultureInfo.InvariantCulture)) : new SafePidFd((int)descriptor);
    }

    /// <summary>Sends a signal. Returns false when the process has ended.</summary>
    /// <exception cref="LinuxException">Any other failure.</exception>
    public bool TrySendSignal(int signal)
    {
        if (Libc.Syscall(Syscalls.PidfdSendSignal, Descriptor, signal) == 0)
        {
            return true;
        }

        LinuxException failure = LinuxException.Last("pidfd_send_signal");
        return failure.Errno == Errno.ESRCH ? false : throw failure;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
