using System.Text.Json.Serialization;

namespace Tare.Docker.Documents;

/// <summary>What an error answer holds.</summary>
internal sealed record ErrorDocument([property: JsonPropertyName("message")] string Message);

/// <summary>Answer of <c>/version</c>.</summary>
internal sealed record VersionDocument(
    PlatformDocument Platform, IReadOnlyList<ComponentDocument> Components, string Version, string ApiVersion, [property: JsonPropertyName("MinAPIVersion")] string MinApiVersion,
    string GitCommit, string GoVersion, string Os, string Arch, string KernelVersion, string BuildTime);

/// <summary>Name of the product.</summary>
internal sealed record PlatformDocument(string Name);

/// <summary>A part of the daemon.</summary>
internal sealed record ComponentDocument(string Name, string Version, IReadOnlyDictionary<string, string> Details);

/// <summary>Answer of <c>/info</c>.</summary>
internal sealed record InfoDocument
{
    [JsonPropertyName("ID")]
    public required string Id { get; init; }

    public int Containers { get; init; }

    public int ContainersRunning { get; init; }

    public int ContainersPaused { get; init; }

    public int ContainersStopped { get; init; }

    public int Images { get; init; }

    public string Driver { get; init; } = "overlay2";

    public required IReadOnlyList<IReadOnlyList<string>> DriverStatus { get; init; }

    public PluginsDocument Plugins { get; init; } = new();

    public bool MemoryLimit { get; init; }

    public bool SwapLimit { get; init; }

    public bool CpuCfsPeriod { get; init; }

    public bool CpuCfsQuota { get; init; }

    [JsonPropertyName("CPUShares")]
    public bool CpuShares { get; init; }

    [JsonPropertyName("CPUSet")]
    public bool CpuSet { get; init; }

    public bool PidsLimit { get; init; }

    public bool IPv4Forwarding { get; init; }

    public bool Debug { get; init; }

    /// <summary>Meant the kernel's module br_netfilter; always false since Docker 28, and gone from version 1.50 on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("BridgeNfIptables")]
    public bool? BridgeFilter { get; init; }

    /// <summary>The same for IPv6.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("BridgeNfIp6tables")]
    public bool? BridgeFilterIPv6 { get; init; }

    public int NFd { get; init; }

    public bool OomKillDisable { get; init; }

    /// <summary>Threads: tared has no goroutines.</summary>
    public int NGoroutines { get; init; }

    public required string SystemTime { get; init; }

    public string LoggingDriver { get; init; } = "json-file";

    public required string CgroupDriver { get; init; }

    public required string CgroupVersion { get; init; }

    public int NEventsListener { get; init; }

    public required string KernelVersion { get; init; }

    public required string OperatingSystem { get; init; }

    [JsonPropertyName("OSVersion")]
    public required string OsVersion { get; init; }

    [JsonPropertyName("OSType")]
    public string OsType { get; init; } = "linux";

    public required string Architecture { get; init; }

    public string IndexServerAddress { get; init; } = "https://index.docker.io/v1/";

    public required RegistryConfigDocument RegistryConfig { get; init; }

    [JsonPropertyName("NCPU")]
    public int Cpus { get; init; }

    public long MemTotal { get; init; }

    public IReadOnlyList<string>? GenericResources { get; init; }

    public required string DockerRootDir { get; init; }

    public string HttpProxy { get; init; } = "";

    public string HttpsProxy { get; init; } = "";

    public string NoProxy { get; init; } = "";

    public required string Name { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    public bool ExperimentalBuild { get; init; }

    public required string ServerVersion { get; init; }

    public required IReadOnlyDictionary<string, RuntimeDocument> Runtimes { get; init; }

    public string DefaultRuntime { get; init; } = "tare-runtime";

    public SwarmDocument Swarm { get; init; } = new();

    public required bool LiveRestoreEnabled { get; init; }

    public string Isolation { get; init; } = "";

    public string InitBinary { get; init; } = "tare-runtime";

    public CommitDocument ContainerdCommit { get; init; } = new("");

    public CommitDocument RuncCommit { get; init; } = new("");

    public CommitDocument InitCommit { get; init; } = new("");

    public required IReadOnlyList<string> SecurityOptions { get; init; }

    public DriverDocument FirewallBackend { get; init; } = new("nftables");

    [JsonPropertyName("CDISpecDirs")]
    public IReadOnlyList<string> CdiSpecDirs { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DiscoveredDeviceDocument>? DiscoveredDevices { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>A device that a container may ask for by name.</summary>
internal sealed record DiscoveredDeviceDocument(string Source, [property: JsonPropertyName("ID")] string Id);

/// <summary>What can be plugged in, by kind.</summary>
internal sealed record PluginsDocument
{
    public IReadOnlyList<string> Volume { get; init; } = ["local"];

    public IReadOnlyList<string> Network { get; init; } = ["bridge", "host", "null"];

    public IReadOnlyList<string>? Authorization { get; init; }

    public IReadOnlyList<string> Log { get; init; } = ["fluentd", "gelf", "journald", "json-file", "local", "syslog"];
}

/// <summary>How registries are reached.</summary>
internal sealed record RegistryConfigDocument(
    IReadOnlyDictionary<string, IndexDocument> IndexConfigs, [property: JsonPropertyName("InsecureRegistryCIDRs")] IReadOnlyList<string> InsecureRegistryCidrs, IReadOnlyList<string>? Mirrors);

/// <summary>How one registry is reached.</summary>
internal sealed record IndexDocument(IReadOnlyList<string> Mirrors, string Name, bool Official, bool Secure);

/// <summary>An OCI runtime.</summary>
internal sealed record RuntimeDocument([property: JsonPropertyName("path")] string Path);

/// <summary>Swarm's state: Tare has none.</summary>
internal sealed record SwarmDocument
{
    [JsonPropertyName("NodeID")]
    public string NodeId { get; init; } = "";

    public string NodeAddr { get; init; } = "";

    public string LocalNodeState { get; init; } = "inactive";

    public bool ControlAvailable { get; init; }

    public string Error { get; init; } = "";

    public IReadOnlyList<string>? RemoteManagers { get; init; }
}

/// <summary>A commit of a component.</summary>
internal sealed record CommitDocument([property: JsonPropertyName("ID")] string Id);

/// <summary>A driver's name.</summary>
internal sealed record DriverDocument(string Driver);

/// <summary>One line of <c>/events</c>.</summary>
internal sealed record EventDocument
{
    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; init; }

    [JsonPropertyName("id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonPropertyName("from")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? From { get; init; }

    public required string Type { get; init; }

    public required string Action { get; init; }

    public required ActorDocument Actor { get; init; }

    [JsonPropertyName("scope")]
    public string Scope { get; init; } = "local";

    [JsonPropertyName("time")]
    public required long Time { get; init; }

    [JsonPropertyName("timeNano")]
    public required long TimeNano { get; init; }
}

/// <summary>What an event is about.</summary>
internal sealed record ActorDocument([property: JsonPropertyName("ID")] string Id, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Credentials of <c>/auth</c> and of the header X-Registry-Auth. Its text form hides the secrets.</summary>
internal sealed class AuthRequestDocument
{
    [JsonPropertyName("username")]
    public string? Username { get; set; }

    [JsonPropertyName("password")]
    public string? Password { get; set; }

    [JsonPropertyName("serveraddress")]
    public string? ServerAddress { get; set; }

    [JsonPropertyName("identitytoken")]
    public string? IdentityToken { get; set; }

    [JsonPropertyName("registrytoken")]
    public string? RegistryToken { get; set; }

    [JsonPropertyName("auth")]
    public string? Auth { get; set; }
}

/// <summary>Answer of <c>/auth</c>.</summary>
internal sealed record AuthDocument(string Status, string IdentityToken);

/// <summary>Answer of <c>/system/df</c>.</summary>
internal sealed record DiskUsageDocument(
    long LayersSize, IReadOnlyList<ImageSummaryDocument>? Images, IReadOnlyList<ContainerSummaryDocument>? Containers, IReadOnlyList<VolumeDocument>? Volumes, IReadOnlyList<string>? BuildCache);

/// <summary>Answer of build prune; null when there was nothing to remove.</summary>
internal sealed record BuildCachePrunedDocument(IReadOnlyList<string>? CachesDeleted, long SpaceReclaimed);
