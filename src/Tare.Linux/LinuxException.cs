using System.Runtime.InteropServices;

namespace Tare.Linux;

/// <summary>A system call failed. Carries the call, the path or object it worked on, and the error number.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Describes a failed call.</summary>
    /// <param name="errno">What the kernel answered.</param>
    /// <param name="syscall">The call's name: <c>openat2</c>.</param>
    /// <param name="path">The path or object it worked on, if any.</param>
    public LinuxException(Errno errno, string syscall, string? path = null)
        : base(Format(errno, syscall, path))
    {
        Errno = errno;
        Syscall = syscall;
        Path = path;
    }

    /// <summary>What the kernel answered.</summary>
    public Errno Errno { get; }

    /// <summary>The call's name.</summary>
    public string Syscall { get; }

    /// <summary>The path or object that the call worked on; null where there is none.</summary>
    public string? Path { get; }

    /// <summary>The sentence of a failed call: <c>mkdir "/run/x": EACCES (permission denied)</c>.</summary>
    public static string Format(Errno errno, string syscall, string? path)
        => path is null ? $"{syscall}: {errno} ({errno.Describe()})" : $"{syscall} \"{path}\": {errno} ({errno.Describe()})";

    /// <summary>The failure of the call that was just made (its error number is the last P/Invoke error of this thread).</summary>
    public static LinuxException Last(string syscall, string? path = null)
        => new((Errno)Marshal.GetLastPInvokeError(), syscall, path);
}
