namespace Tare.Linux.Seccomp;

/// <summary>
/// What happens to the named system calls. Of several rules for a call the first one without conditions wins over all others; with no such
/// rule, those with conditions are tried in their order (both as libseccomp does it).
/// </summary>
public sealed class SeccompRule
{
    /// <summary>Names of the calls; a name that an architecture does not have is ignored there.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>What the kernel does.</summary>
    public required SeccompAction Action { get; init; }

    /// <summary>The lower 16 bits of Errno, Trace and Trap; ignored for other actions. Default 0.</summary>
    public ushort Data { get; init; }

    /// <summary>Comparisons that must all hold; empty (default) means always. Two of one argument are alternatives instead, as in runc.</summary>
    public IReadOnlyList<SeccompCondition> Conditions { get; init; } = [];
}
