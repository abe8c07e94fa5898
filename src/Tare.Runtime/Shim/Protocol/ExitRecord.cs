namespace Tare.Runtime.Shim.Protocol;

/// <summary>
/// How a container ended: the content of the exit file, which the shim writes beside the container's data so that an exit is known even
/// when no daemon ran at that moment.
/// </summary>
public sealed class ExitRecord
{
    /// <summary>Exit code of the init, or 128 + the signal that killed it.</summary>
    public int ExitCode { get; set; }

    /// <summary>The instant of the exit.</summary>
    public DateTimeOffset ExitedAt { get; set; }

    /// <summary>Whether the kernel's out-of-memory killer ended a process of the container.</summary>
    public bool OomKilled { get; set; }
}
