using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>
/// How a container is run on this machine: the <c>HostConfig</c> of the Docker Engine API (v1.51). The limits are in HostConfig.Resources.cs.
/// The document is read from create requests, completed with defaults, and stored.
/// </summary>
public sealed partial class HostConfig
{
    /// <summary>Bind mounts and volumes as <c>source:target[:options]</c>.</summary>
    public List<string>? Binds { get; set; }

    /// <summary>File on the host that gets the container's id; written by the client.</summary>
    public string ContainerIDFile { get; set => field = value ?? ""; } = "";

    /// <summary>Log driver and its options.</summary>
    public LogConfig? LogConfig { get; set; }

    /// <summary><c>default</c>, <c>bridge</c>, <c>none</c>, <c>host</c>, <c>container:ID</c> or a network's name; empty means default.</summary>
    public string NetworkMode { get; set => field = value ?? ""; } = "";

    /// <summary>Published ports: <c>port/protocol</c> to addresses and ports of the host.</summary>
    public Dictionary<string, List<PortBinding>?>? PortBindings { get; set; }

    /// <summary>What happens after an exit.</summary>
    public RestartPolicy? RestartPolicy { get; set; }

    /// <summary>Whether the container is removed when it exits.</summary>
    public bool AutoRemove { get; set; }

    /// <summary>Driver of volumes that name none; empty means <c>local</c>.</summary>
    public string VolumeDriver { get; set => field = value ?? ""; } = "";

    /// <summary>Containers whose volumes are mounted too, as <c>container[:ro|rw]</c>.</summary>
    public List<string>? VolumesFrom { get; set; }

    /// <summary>Height and width of the terminal at its start, two numbers; zeros leave the kernel's default.</summary>
    public uint[] ConsoleSize { get; set => field = value is [uint height, uint width, ..] ? [height, width] : value is [uint only] ? [only, 0] : [0, 0]; } = [0, 0];

    /// <summary>Arbitrary metadata for the runtime.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Capabilities beside the default set; <c>ALL</c> adds every one.</summary>
    public List<string>? CapAdd { get; set; }

    /// <summary>Capabilities taken from the default set; <c>ALL</c> takes every one.</summary>
    public List<string>? CapDrop { get; set; }

    /// <summary><c>host</c> or <c>private</c>; empty means private on cgroup v2 and host on v1, as dockerd's default is.</summary>
    public string CgroupnsMode { get; set => field = value ?? ""; } = "";

    /// <summary>Name servers; empty takes the host's.</summary>
    public List<string>? Dns { get; set; }

    /// <summary>Resolver options.</summary>
    public List<string>? DnsOptions { get; set; }

    /// <summary>Search domains.</summary>
    public List<string>? DnsSearch { get; set; }

    /// <summary>Lines of /etc/hosts as <c>name:address</c>; the address <c>host-gateway</c> stands for the bridge's gateway.</summary>
    public List<string>? ExtraHosts { get; set; }

    /// <summary>Supplementary groups, as names of the image's /etc/group or as numbers.</summary>
    public List<string>? GroupAdd { get; set; }

    /// <summary><c>none</c>, <c>private</c>, <c>shareable</c>, <c>host</c> or <c>container:ID</c>; empty means private.</summary>
    public string IpcMode { get; set => field = value ?? ""; } = "";

    /// <summary>Carried through; the kernel hierarchy of Docker's old <c>--cgroup</c> flag.</summary>
    public string Cgroup { get; set => field = value ?? ""; } = "";

    /// <summary>Links to other containers as <c>container:alias</c>.</summary>
    public List<string>? Links { get; set; }

    /// <summary>The same configuration with other links, for inspect.</summary>
    public HostConfig WithLinks(List<string> links)
    {
        HostConfig copy = (HostConfig)MemberwiseClone();
        copy.Links = links;
        return copy;
    }

    /// <summary>OOM score adjustment, -1000 to 1000.</summary>
    public int OomScoreAdj { get; set; }

    /// <summary><c>host</c> or <c>container:ID</c>; empty means an own pid namespace.</summary>
    public string PidMode { get; set => field = value ?? ""; } = "";

    /// <summary>Whether the container gets every capability and device and no confinement.</summary>
    public bool Privileged { get; set; }

    /// <summary>Whether all exposed ports are published on ephemeral host ports.</summary>
    public bool PublishAllPorts { get; set; }

    /// <summary>Whether the root file system is read-only.</summary>
    public bool ReadonlyRootfs { get; set; }

    /// <summary><c>no-new-privileges[:true|false]</c>, <c>seccomp=…</c>, <c>apparmor=…</c>, <c>label=…</c>, <c>writable-cgroups[=true|false]</c>, <c>systempaths=unconfined</c>.</summary>
    public List<string>? SecurityOpt { get; set; }

    /// <summary>Options of the storage driver; only <c>size</c> is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? StorageOpt { get; set; }

    /// <summary>Temporary file systems: target to mount options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Tmpfs { get; set; }

    /// <summary><c>host</c> keeps the host's UTS namespace; empty means an own one.</summary>
    public string UTSMode { get; set => field = value ?? ""; } = "";

    /// <summary><c>host</c> or empty.</summary>
    public string UsernsMode { get; set => field = value ?? ""; } = "";

    /// <summary>Size of /dev/shm in bytes; 0 means 64 MiB.</summary>
    public long ShmSize { get; set; }

    /// <summary>Kernel parameters of the container's namespaces.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Sysctls { get; set; }

    /// <summary>The OCI runtime; empty means <c>tare</c>, and <c>runc</c> is taken as its name too.</summary>
    public string? Runtime { get; set; }

    /// <summary>Windows only; carried through.</summary>
    public string Isolation { get; set => field = value ?? ""; } = "";

    /// <summary>Mounts in the long form.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<MountSpec>? Mounts { get; set; }

    /// <summary>Paths that the container cannot see into; null means the default list, or none of a privileged container; empty means none.</summary>
    public List<string>? MaskedPaths { get; set; }

    /// <summary>Paths that the container cannot write; null means the default list, empty means none.</summary>
    public List<string>? ReadonlyPaths { get; set; }

    /// <summary>Whether a small init runs as PID 1 and reaps; null means the daemon's default, no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Init { get; set; }
}
