namespace Tare.Linux.Namespaces;

/// <summary>Kinds of namespaces (namespaces(7)); the value is the kind's CLONE_NEW… flag.</summary>
[Flags]
public enum NamespaceType : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Clocks (time_namespaces(7), Linux 5.6).</summary>
    Time = 0x80,

    /// <summary>Mounts (mount_namespaces(7)).</summary>
    Mount = 0x20000,

    /// <summary>The root of the cgroup hierarchies (cgroup_namespaces(7)).</summary>
    Cgroup = 0x2000000,

    /// <summary>Host and domain name (uts_namespaces(7)).</summary>
    Uts = 0x4000000,

    /// <summary>System V IPC and POSIX message queues (ipc_namespaces(7)).</summary>
    Ipc = 0x8000000,

    /// <summary>User and group ids, and capabilities (user_namespaces(7)).</summary>
    User = 0x10000000,

    /// <summary>Process ids (pid_namespaces(7)).</summary>
    Pid = 0x20000000,

    /// <summary>Network devices, addresses, routes, sockets (network_namespaces(7)).</summary>
    Network = 0x40000000,
}
