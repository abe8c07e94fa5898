using Tare.Engine.Containers;
using Tare.Engine.Machine;
using Tare.Engine.State;
using Tare.Engine.Users;

namespace Tare.Engine.Specs;

/// <summary>All that an OCI runtime specification is made from; gathered before, so that the making is a pure function.</summary>
internal sealed record SpecInputs
{
    /// <summary>Id of the container.</summary>
    public required string Id { get; init; }

    /// <summary>What runs.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>How it runs.</summary>
    public required HostConfig Host { get; init; }

    /// <summary>The words that are executed.</summary>
    public required IReadOnlyList<string> Args { get; init; }

    /// <summary>The user's mounts with their sources found.</summary>
    public required IReadOnlyList<ContainerMount> Mounts { get; init; }

    /// <summary>Empty mount point of the root file system.</summary>
    public required string RootPath { get; init; }

    /// <summary>Who the process is.</summary>
    public required UserIdentity User { get; init; }

    /// <summary>What the kernel offers.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>Cgroup of the container, beginning with <c>/</c>.</summary>
    public required string CgroupsPath { get; init; }

    /// <summary>Host name inside.</summary>
    public required string Hostname { get; init; }

    /// <summary>Limits that the daemon gives where the container sets none of the name.</summary>
    public IReadOnlyList<Ulimit> DefaultUlimits { get; init; } = [];

    /// <summary>The daemon's default for containers that do not say whether execve can give privileges.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The daemon's seccomp profile; null for the built-in one.</summary>
    public string? SeccompProfile { get; init; }

    /// <summary>Variables that links to other containers give.</summary>
    public IReadOnlyList<string> LinkVariables { get; init; } = [];

    /// <summary>File for /etc/hosts; null mounts none.</summary>
    public string? HostsPath { get; init; }

    /// <summary>File for /etc/hostname; null mounts none.</summary>
    public string? HostnamePath { get; init; }

    /// <summary>File for /etc/resolv.conf; null mounts none.</summary>
    public string? ResolvConfPath { get; init; }

    /// <summary>The maps of the container's user namespace; null for none.</summary>
    public UserRemap? Remap { get; init; }

    /// <summary>Pid whose user namespace is joined, as that of what else is shared with it; null for one of its own.</summary>
    public int? UserPid { get; init; }

    /// <summary>Pid whose network namespace is joined; null for none.</summary>
    public int? NetworkPid { get; init; }

    /// <summary>Pid whose IPC namespace is joined; null for none.</summary>
    public int? IpcPid { get; init; }

    /// <summary>Pid whose pid namespace is joined; null for none.</summary>
    public int? PidPid { get; init; }
}
