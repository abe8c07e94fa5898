using Tare.Linux.Capabilities;
using Tare.Linux.Mounts;
using Tare.Linux.Seccomp;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Plan;

/// <summary>All that the compiler of a container's first process reads: documents and facts. It looks at nothing else, so plans are compiled in tests without root.</summary>
internal sealed record CreateInputs
{
    /// <summary>The configuration.</summary>
    public required RuntimeSpec Spec { get; init; }

    /// <summary>Absolute path of the bundle; relative paths start there.</summary>
    public required string BundlePath { get; init; }

    /// <summary>The container's id; names its session keyring.</summary>
    public required string Id { get; init; }

    /// <summary>The overlay to mount on the root's path; null when the root is a directory.</summary>
    public RootOverlay? Overlay { get; init; }

    /// <summary>Whether overlayfs takes its layers one by one (<c>lowerdir+</c>, Linux 6.5).</summary>
    public bool AppendsLowerDirs { get; init; } = true;

    /// <summary>Names for lower directories whose paths together are longer than mount(2) takes; null where all are short enough.</summary>
    public FolderDescriptors? LowerNames { get; init; }

    /// <summary>The container's cgroup, hierarchy by hierarchy.</summary>
    public IReadOnlyList<CgroupView> Cgroups { get; init; } = [];

    /// <summary>Whether the clone itself puts the child into the unified hierarchy (CLONE_INTO_CGROUP), so that it need not join it.</summary>
    public bool ClonedIntoUnified { get; init; }

    /// <summary>
    /// Whether the cgroups are made while the child makes its mounts, so that it joins them, by their paths, only when it needs them
    /// (<see cref="PlanExecutor.SyncCgroup"/>).
    /// </summary>
    public bool JoinsCgroupsLate { get; init; }

    /// <summary>The start gate: a fifo; null runs the process at once.</summary>
    public string? GatePath { get; init; }

    /// <summary>Descriptors of the parent that become 0, 1 and 2; null leaves them. Not used with a terminal.</summary>
    public IReadOnlyList<int>? Descriptors { get; init; }

    /// <summary>Bit i: stream i is the host's /dev/null.</summary>
    public int NullStreams { get; init; }

    /// <summary>Descriptors of the parent that the child must not hold while it waits at the gate.</summary>
    public IReadOnlyList<int> ClosedDescriptors { get; init; } = [];

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

    /// <summary>Whether a path outside is a directory; decides what a bind mount's target is made as.</summary>
    public Func<string, bool> IsDirectory { get; init; } = Directory.Exists;

    /// <summary>The user's home directory by the container's /etc/passwd; null if unknown.</summary>
    public string? Home { get; init; }

    /// <summary>Moves the root instead of pivoting (for a root on ramfs).</summary>
    public bool NoPivot { get; init; }

    /// <summary>Keeps the parent's session keyring.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>Puts a small init before the process.</summary>
    public bool Init { get; init; }

    /// <summary>Keeps the words that only a printed plan shows.</summary>
    public bool Explain { get; init; }

    /// <summary>The program that the child takes on in place of the host's; null for none.</summary>
    public OwnProgram? Program { get; init; }

    /// <summary>Whether the parent has no privileges of its own, so that only the child, in its user namespace, may mount.</summary>
    public bool Unprivileged { get; init; }

    /// <summary>Descriptors of the user namespaces of idmapped mounts; null without such mounts.</summary>
    public IReadOnlyDictionary<Mount, int>? MountIdMaps { get; init; }

    /// <summary>Descriptors of the files from which the child's hooks read the state, and of that which takes what they print; null without such hooks.</summary>
    public (int CreateContainer, int StartContainer, int Output)? HookFiles { get; init; }
}
