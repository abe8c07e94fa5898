using Tare.Engine.Containers;
using Tare.Registry;

namespace Tare.Engine;

/// <summary>Where an engine keeps its things and how it is set up; the defaults are a single daemon's on a machine.</summary>
public sealed record TareEngineOptions
{
    /// <summary>Folder of all lasting data. Default <c>/var/lib/tare</c>.</summary>
    public string DataRoot { get; init; } = "/var/lib/tare";

    /// <summary>Folder of what a reboot may forget. Default <c>/run/tare</c>.</summary>
    public string ExecRoot { get; init; } = "/run/tare";

    /// <summary>Path of the program tare-runtime.</summary>
    public required string RuntimePath { get; init; }

    /// <summary>Name of the default network's bridge. Default <c>tare0</c>.</summary>
    public string BridgeName { get; init; } = "tare0";

    /// <summary>Address and prefix of the default bridge as <c>172.17.0.1/16</c> (<c>--bip</c>); null chooses a free one of Docker's pools. Empty (<c>none</c>) makes no bridge.</summary>
    public string? BridgeAddress { get; init; }

    /// <summary>MTU of the default network; 0 means 1500.</summary>
    public int Mtu { get; init; }

    /// <summary>Whether containers of the default bridge reach the outside by address translation. Default true.</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>Whether firewall rules filter and translate what containers of the default bridge send and receive (<c>iptables</c>). Default true; published ports are led to containers in any case.</summary>
    public bool Firewall { get; init; } = true;

    /// <summary>Whether containers of the default bridge reach each other (<c>icc</c>). Default true.</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Whether others reach the published ports of containers at the containers' own addresses, if they have a route there (<c>allow-direct-routing</c>). Default false.</summary>
    public bool DirectRouting { get; init; }

    /// <summary>Whether the machine is told to forward packets (<c>ip-forward</c>). Default true.</summary>
    public bool Forwarding { get; init; } = true;

    /// <summary>Whether ports are offered on the host's IPv6 addresses too, which a relay in the daemon leads to containers (<c>userland-proxy</c>). Default true.</summary>
    public bool UserlandProxy { get; init; } = true;

    /// <summary>Part of the default bridge's subnet that containers get addresses of (<c>fixed-cidr</c>); null for all of it.</summary>
    public string? FixedCidr { get; init; }

    /// <summary>Where containers of the default bridge send what is not for it (<c>default-gateway</c>); null for the bridge.</summary>
    public string? DefaultGateway { get; init; }

    /// <summary>Address of the host that ports are published on where a container names none (<c>ip</c>); null for all of them.</summary>
    public string? PublishAddress { get; init; }

    /// <summary>What <c>host-gateway</c> stands for in added entries of /etc/hosts, one line for each; empty for the default bridge's address.</summary>
    public IReadOnlyList<string> HostGateways { get; init; } = [];

    /// <summary>Name servers of containers that name none (<c>--dns</c>); empty takes the host's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Log driver of containers that name none. Default <c>json-file</c>.</summary>
    public string LogDriver { get; init; } = "json-file";

    /// <summary>Options of that driver.</summary>
    public IReadOnlyDictionary<string, string> LogOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Registry hosts that are spoken to without TLS.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>How registries are spoken to, but for the two lists here.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>Whether the daemon logs everything, which <c>info</c> tells.</summary>
    public bool IsDebug { get; init; }

    /// <summary>Addresses of the API, as <c>http://ADDRESS:PORT</c> or with https, at which anybody may come in.</summary>
    public IReadOnlyList<string> OpenAddresses { get; init; } = [];

    /// <summary>Mirrors of Docker Hub.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>Cgroup below which the containers' are made, beginning with <c>/</c>. Default <c>/tare</c>.</summary>
    public string CgroupParent { get; init; } = "/tare";

    /// <summary>Folders of CDI files; empty switches CDI off. Default <c>/etc/cdi</c> and <c>/var/run/cdi</c>.</summary>
    public IReadOnlyList<string> CdiFolders { get; init; } = ["/etc/cdi", "/var/run/cdi"];

    /// <summary>Resolver options of containers that name none.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    /// <summary>Search domains of containers that name none.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>The daemon's labels, as <c>name=value</c>; told by <c>info</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Folders of CDI files that are read: none where the feature is off.</summary>
    internal IReadOnlyList<string> CdiFoldersInUse => Features.GetValueOrDefault("cdi", true) ? CdiFolders : [];

    /// <summary>Features that were switched on or off by name.</summary>
    public IReadOnlyDictionary<string, bool> Features { get; init; } = new Dictionary<string, bool>();

    /// <summary>Whether <c>info</c> tells that experiments are on.</summary>
    public bool Experimental { get; init; }

    /// <summary>Size of /dev/shm of containers that name none, in bytes. Default 64 MiB.</summary>
    public long DefaultShmSizeBytes { get; init; } = 64L << 20;

    /// <summary>How many bytes the writable layer of a container that says nothing may occupy; 0, the default, for no limit.</summary>
    public long DefaultLayerSizeBytes { get; init; }

    /// <summary>IPC mode of containers that name none: <c>private</c> or <c>shareable</c>. Default private.</summary>
    public string DefaultIpcMode { get; init; } = "private";

    /// <summary>Cgroup namespace of containers that name none: <c>host</c> or <c>private</c>; null means private on cgroup v2 and host on v1.</summary>
    public string? DefaultCgroupnsMode { get; init; }

    /// <summary>Resource limits of containers that do not set them.</summary>
    public IReadOnlyList<Ulimit> DefaultUlimits { get; init; } = [];

    /// <summary>Whether processes gain no privileges by execve unless their container says otherwise.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Seccomp profile of containers that name none: Docker's JSON, or <c>unconfined</c>; null means the built-in one.</summary>
    public string? SeccompProfile { get; init; }

    /// <summary>Whether containers keep running when the daemon ends in order (<c>live-restore</c>). Default true; a daemon that is killed leaves them running in any case.</summary>
    public bool LiveRestore { get; init; } = true;

    /// <summary>Seconds in which all containers must have stopped when they do not outlive the daemon, extended by those of any container that has more; -1 for no limit. Default 15, dockerd's.</summary>
    public int ShutdownTimeoutSeconds { get; init; } = 15;

    /// <summary>Whose subordinate ids containers are mapped to (<c>userns-remap</c>): <c>default</c>, <c>USER[:GROUP]</c> or <c>UID[:GID]</c>; null, the default, for no user namespaces.</summary>
    public string? UsernsRemap { get; init; }

    /// <summary>Whether every container gets an init unless it says otherwise (<c>--init</c>).</summary>
    public bool Init { get; init; }
}
