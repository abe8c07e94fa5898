using Microsoft.Extensions.Logging;

namespace Tare.Daemon.Options;

/// <summary>The daemon's set-up, from flags and configuration file. A null means "not said".</summary>
internal sealed record DaemonOptions
{
    /// <summary>Where to listen: <c>unix://</c>, <c>tcp://</c>, <c>fd://</c>. Default <c>unix:///run/tare/tare.sock</c>.</summary>
    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary>Folder of all lasting data. Default <c>/var/lib/tare</c>.</summary>
    public string? DataRoot { get; init; }

    /// <summary>Folder of what a reboot may forget. Default <c>/run/tare</c>.</summary>
    public string? ExecRoot { get; init; }

    /// <summary>File that receives the process id. Default <c>tared.pid</c> in the exec root.</summary>
    public string? PidFile { get; init; }

    /// <summary>Address and prefix length of the default bridge.</summary>
    public string? BridgeAddress { get; init; }

    /// <summary>Name of the default bridge; <c>none</c> for no default network. Default <c>tare0</c>.</summary>
    public string? Bridge { get; init; }

    /// <summary>MTU of the default network.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether containers of the default bridge reach each other. Default true.</summary>
    public bool? InterContainer { get; init; }

    /// <summary>Address of the host that ports are published on where a container names none. Default: all.</summary>
    public string? PublishAddress { get; init; }

    /// <summary>Whether the machine is told to forward packets. Default true.</summary>
    public bool? Forwarding { get; init; }

    /// <summary>Part of the default bridge's subnet that containers get addresses of. Default: all of it.</summary>
    public string? FixedCidr { get; init; }

    /// <summary>Where containers of the default bridge send what is not for it. Default: the bridge.</summary>
    public string? DefaultGateway { get; init; }

    /// <summary>Whether others reach published ports at the containers' own addresses. Default false.</summary>
    public bool? DirectRouting { get; init; }

    /// <summary>Whether published ports are offered on the host's IPv6 addresses too. Default true.</summary>
    public bool? UserlandProxy { get; init; }

    /// <summary>IPv6 of the default bridge, which has none: only false.</summary>
    public bool? IPv6 { get; init; }

    /// <summary>Whether firewall rules are made for IPv6: without effect, since containers have none.</summary>
    public bool? FirewallIPv6 { get; init; }

    /// <summary>IPv6 subnet of the default bridge, which has none.</summary>
    public string? FixedCidrIPv6 { get; init; }

    /// <summary>IPv6 address of the default bridge, which has none.</summary>
    public string? BridgeAddressIPv6 { get; init; }

    /// <summary>IPv6 gateway of the default bridge, which has none.</summary>
    public string? DefaultGatewayIPv6 { get; init; }

    /// <summary>What makes the firewall rules: nftables.</summary>
    public string? FirewallBackend { get; init; }

    /// <summary>What host-gateway stands for in added entries of /etc/hosts. Default: the default bridge's address.</summary>
    public IReadOnlyList<string>? HostGateways { get; init; }

    /// <summary>Drivers that user-defined networks have default options for; there are no such networks here.</summary>
    public IReadOnlyList<string>? DefaultNetworkOptions { get; init; }

    /// <summary>Name servers of containers.</summary>
    public IReadOnlyList<string>? Dns { get; init; }

    /// <summary>Cgroup of the containers' cgroups.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>Whether containers get an init.</summary>
    public bool? Init { get; init; }

    /// <summary>Whether firewall rules are made. Default true. Without them there is no address translation.</summary>
    public bool? Firewall { get; init; }

    /// <summary>Whether the default network reaches the outside by address translation. Default true.</summary>
    public bool? Masquerade { get; init; }

    /// <summary>debug, info, warn, error or fatal. Default info.</summary>
    public string? LogLevel { get; init; }

    /// <summary>Form of the daemon's own log: <c>text</c> or <c>json</c>. Default text.</summary>
    public string? LogFormat { get; init; }

    /// <summary>Log driver of containers that name none. Default json-file.</summary>
    public string? LogDriver { get; init; }

    /// <summary>Options of that driver.</summary>
    public IReadOnlyDictionary<string, string>? LogOptions { get; init; }

    /// <summary>Whether TCP is spoken with TLS. Implied by <see cref="TlsVerify"/>.</summary>
    public bool? Tls { get; init; }

    /// <summary>Whether clients must have a certificate of the authority.</summary>
    public bool? TlsVerify { get; init; }

    /// <summary>File with the authority's certificates. Default <c>~/.docker/ca.pem</c>.</summary>
    public string? TlsAuthority { get; init; }

    /// <summary>File with the daemon's certificate. Default <c>~/.docker/cert.pem</c>.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>File with its key. Default <c>~/.docker/key.pem</c>.</summary>
    public string? TlsKey { get; init; }

    /// <summary>The same as log level debug.</summary>
    public bool? Debug { get; init; }

    /// <summary>Registries that are spoken to without TLS.</summary>
    public IReadOnlyList<string>? InsecureRegistries { get; init; }

    /// <summary>Mirrors of Docker Hub.</summary>
    public IReadOnlyList<string>? RegistryMirrors { get; init; }

    /// <summary>Folder of the registries' certificates. Default <c>/etc/docker/certs.d</c>.</summary>
    public string? RegistryCertificates { get; init; }

    /// <summary>How many layers of a pull are fetched at once. Default 3.</summary>
    public int? MaximumDownloads { get; init; }

    /// <summary>How many layers of a push are sent at once. Default 5.</summary>
    public int? MaximumUploads { get; init; }

    /// <summary>How often a broken download is tried. Default 5.</summary>
    public int? MaximumDownloadAttempts { get; init; }

    /// <summary>Proxy towards registries for plain HTTP. Default: the environment's.</summary>
    public string? HttpProxy { get; init; }

    /// <summary>Proxy towards registries for HTTPS. Default: the environment's.</summary>
    public string? HttpsProxy { get; init; }

    /// <summary>Who is reached without proxy. Default: the environment's.</summary>
    public string? NoProxy { get; init; }

    /// <summary>Labels of the daemon, as name=value.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Keep containers running when the daemon ends in order. Default true.</summary>
    public bool? LiveRestore { get; init; }

    /// <summary>Whose subordinate ids containers are mapped to: default, USER[:GROUP] or UID[:GID]. Default: none.</summary>
    public string? UsernsRemap { get; init; }

    /// <summary>Runtime of containers that name none (default runc, which is tare-runtime here).</summary>
    public string? DefaultRuntime { get; init; }

    /// <summary>Seconds in which containers that do not outlive the daemon must have stopped; -1 for no limit (default 15).</summary>
    public int? ShutdownTimeout { get; init; }

    /// <summary>Size of /dev/shm of containers that name none (default 64M).</summary>
    public string? DefaultShmSize { get; init; }

    /// <summary>IPC mode of containers that name none: private or shareable (default private).</summary>
    public string? DefaultIpcMode { get; init; }

    /// <summary>Cgroup namespace of containers that name none: host or private.</summary>
    public string? DefaultCgroupnsMode { get; init; }

    /// <summary>Let processes gain no privileges unless their container says otherwise.</summary>
    public bool? NoNewPrivileges { get; init; }

    /// <summary>File of the default seccomp profile, or unconfined (default builtin).</summary>
    public string? SeccompProfile { get; init; }

    /// <summary>Resolver options of containers.</summary>
    public IReadOnlyList<string>? DnsOptions { get; init; }

    /// <summary>Search domains of containers.</summary>
    public IReadOnlyList<string>? DnsSearch { get; init; }

    /// <summary>Folders of CDI files (default /etc/cdi and /var/run/cdi).</summary>
    public IReadOnlyList<string>? CdiFolders { get; init; }

    /// <summary>Options of the runtime: native.cgroupdriver=cgroupfs.</summary>
    public IReadOnlyList<string>? ExecOptions { get; init; }

    /// <summary>Storage driver: overlay2.</summary>
    public string? StorageDriver { get; init; }

    /// <summary>Options of the storage driver, as name=value: overlay2.size.</summary>
    public IReadOnlyList<string>? StorageOptions { get; init; }

    /// <summary>Tell clients that experiments are on.</summary>
    public bool? Experimental { get; init; }

    /// <summary>Features that are switched on or off.</summary>
    public IReadOnlyDictionary<string, bool>? Features { get; init; }

    /// <summary>Resource limits of containers that set none: name to limit.</summary>
    public IReadOnlyDictionary<string, UlimitText>? DefaultUlimits { get; init; }

    /// <summary>Further OCI runtimes; there are none here.</summary>
    public IReadOnlyList<string>? Runtimes { get; init; }

    /// <summary>Group that may use the unix sockets: name or number. Default <c>tare</c> where that group exists, root otherwise.</summary>
    public string? Group { get; init; }

    /// <summary>Path of tare-runtime. Default: beside tared, then in PATH.</summary>
    public string? RuntimePath { get; init; }

    /// <summary>The log level in .NET's words.</summary>
    /// <exception cref="OptionException">The level is unknown.</exception>
    public LogLevel MinimumLevel => Debug == true ? Microsoft.Extensions.Logging.LogLevel.Debug : LogLevel switch
    {
        null or "info" => Microsoft.Extensions.Logging.LogLevel.Information,
        "debug" => Microsoft.Extensions.Logging.LogLevel.Debug,
        "warn" => Microsoft.Extensions.Logging.LogLevel.Warning,
        "error" => Microsoft.Extensions.Logging.LogLevel.Error,
        "fatal" => Microsoft.Extensions.Logging.LogLevel.Critical,
        _ => throw new OptionException($"invalid logging level: {LogLevel}"),
    };
}
