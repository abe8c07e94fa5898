using Tare.Linux;

namespace Tare.Runtime.Containers;

/// <summary>An operation of the runtime failed. The message is a sentence that names the step, what it worked on, and the reason.</summary>
public sealed class RuntimeException : Exception
{
    /// <summary>Describes a failure.</summary>
    /// <param name="kind">What it means.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="errno">The kernel's answer, if a system call failed.</param>
    /// <param name="inner">What caused it.</param>
    public RuntimeException(ErrorKind kind, string message, Errno errno = Errno.None, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Errno = errno;
    }

    /// <summary>What it means to the caller.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The kernel's answer; <see cref="Errno.None"/> if no system call failed.</summary>
    public Errno Errno { get; }
}
