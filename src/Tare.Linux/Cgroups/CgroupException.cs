namespace Tare.Linux.Cgroups;

/// <summary>A control group could not be made or set as asked: a controller is missing, a limit is out of the kernel's range, or a call failed.</summary>
public sealed class CgroupException : Exception
{
    /// <summary>Describes the failure in a sentence; a failed system call is the inner exception.</summary>
    public CgroupException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>What the kernel answered; <see cref="Errno.None"/> when the request was refused before a call.</summary>
    public Errno Errno => (InnerException as LinuxException)?.Errno ?? Errno.None;
}
