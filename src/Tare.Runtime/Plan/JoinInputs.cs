using Tare.Linux.Capabilities;
using Tare.Linux.Namespaces;
using Tare.Linux.Seccomp;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>All that the compiler of a joining process reads.</summary>
internal sealed record JoinInputs
{
    /// <summary>The container's identifier, which its session keyring is named after.</summary>
    public string ContainerId { get; init; } = "";

    /// <summary>Keeps this process's session keyring, as the container's first process did.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>The process.</summary>
    public required ProcessSpec Process { get; init; }

    /// <summary>The container's first process outside.</summary>
    public required int ContainerPid { get; init; }

    /// <summary>The namespaces that differ from this process's.</summary>
    public required NamespaceType Namespaces { get; init; }

    /// <summary>The cgroups that the process joins; not the one that it is born in (CLONE_INTO_CGROUP).</summary>
    public IReadOnlyList<CgroupView> Cgroups { get; init; } = [];

    /// <summary>Descriptors of the parent that become 0, 1 and 2; null leaves them. Not used with a terminal.</summary>
    public IReadOnlyList<int>? Descriptors { get; init; }

    /// <summary>Signals that the parent ignores, and that the process shall not.</summary>
    public IReadOnlyList<int> IgnoredSignals { get; init; } = [];

    /// <summary>How many descriptors from 3 on the process keeps.</summary>
    public int PreservedDescriptors { get; init; }

    /// <summary>Whether a terminal passes line feeds on without a carriage return: what reads it adds one where it is a terminal itself.</summary>
    public bool PlainLineFeeds { get; init; }

    /// <summary>The child's end of the socket that carries the terminal's master; -1 without a terminal.</summary>
    public int TerminalSocket { get; init; } = -1;

    /// <summary>The compiled seccomp filter; null for none.</summary>
    public SockFilter[]? Seccomp { get; init; }

    /// <summary>SECCOMP_FILTER_FLAG_… of the filter.</summary>
    public uint SeccompFlags { get; init; }

    /// <summary>Whether the filter has a listener.</summary>
    public bool SeccompNotifies { get; init; }

    /// <summary>The child's end of the socket that carries the filter's listener; -1 where the parent takes it by itself.</summary>
    public int ListenerSocket { get; init; } = -1;

    /// <summary>What the parent's bounding set allows.</summary>
    public CapabilitySet Bounding { get; init; } = new(ulong.MaxValue);

    /// <summary>The kernel's last capability.</summary>
    public int LastCapability { get; init; } = 40;

    /// <summary>The user's home directory by the container's /etc/passwd; null if unknown.</summary>
    public string? Home { get; init; }

    /// <summary>Whether the parent has no privileges of its own, so that it cannot choose the child's pid namespace.</summary>
    public bool Unprivileged { get; init; }

    /// <summary>The program that the child takes on in place of the host's; null for none.</summary>
    public OwnProgram? Program { get; init; }
}
