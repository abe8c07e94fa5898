using System.Text.Json.Serialization;
using Tare.Engine.Containers;

namespace Tare.Docker.Documents;

/// <summary>What a create body holds beside the container's configuration, which stands on the same level.</summary>
internal sealed record CreateContainerDocument(HostConfig? HostConfig, NetworkingConfig? NetworkingConfig);

/// <summary>Answer of container create.</summary>
internal sealed record CreatedContainerDocument(string Id, IReadOnlyList<string> Warnings);

/// <summary>An id.</summary>
internal sealed record IdDocument(string Id);

/// <summary>Answer of container wait.</summary>
internal sealed record WaitDocument(int StatusCode, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WaitErrorDocument? Error);

/// <summary>Why a wait's result is not an exit code alone.</summary>
internal sealed record WaitErrorDocument(string Message);

/// <summary>Answer of container top.</summary>
internal sealed record TopDocument(IReadOnlyList<IReadOnlyList<string>> Processes, IReadOnlyList<string> Titles);

/// <summary>Answer of container prune.</summary>
internal sealed record ContainersPrunedDocument(IReadOnlyList<string> ContainersDeleted, long SpaceReclaimed);

/// <summary>Answer of container inspect.</summary>
internal sealed record ContainerDocument
{
    public required string Id { get; init; }

    public required string Created { get; init; }

    public required string Path { get; init; }

    public required IReadOnlyList<string> Args { get; init; }

    public required StateDocument State { get; init; }

    public required string Image { get; init; }

    public required string ResolvConfPath { get; init; }

    public required string HostnamePath { get; init; }

    public required string HostsPath { get; init; }

    public required string LogPath { get; init; }

    public required string Name { get; init; }

    public int RestartCount { get; init; }

    public string Driver { get; init; } = "overlay2";

    public required string Platform { get; init; }

    public string MountLabel { get; init; } = "";

    public string ProcessLabel { get; init; } = "";

    public string AppArmorProfile { get; init; } = "";

    [JsonPropertyName("ExecIDs")]
    public IReadOnlyList<string>? ExecIds { get; init; }

    public required HostConfig HostConfig { get; init; }

    public required GraphDriverDocument GraphDriver { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeRw { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeRootFs { get; init; }

    public required IReadOnlyList<MountDocument> Mounts { get; init; }

    public required ContainerConfig Config { get; init; }

    public required NetworkSettingsDocument NetworkSettings { get; init; }
}

/// <summary>The changing part of a container.</summary>
internal sealed record StateDocument
{
    public required string Status { get; init; }

    public bool Running { get; init; }

    public bool Paused { get; init; }

    public bool Restarting { get; init; }

    [JsonPropertyName("OOMKilled")]
    public bool OomKilled { get; init; }

    public bool Dead { get; init; }

    public int Pid { get; init; }

    public int ExitCode { get; init; }

    public required string Error { get; init; }

    public required string StartedAt { get; init; }

    public required string FinishedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthDocument? Health { get; init; }
}

/// <summary>The health of a container.</summary>
internal sealed record HealthDocument(string Status, int FailingStreak, IReadOnlyList<HealthResultDocument> Log);

/// <summary>The result of a health check.</summary>
internal sealed record HealthResultDocument(string Start, string End, int ExitCode, string Output);

/// <summary>Where a root file system is.</summary>
internal sealed record GraphDriverDocument(IReadOnlyDictionary<string, string> Data, string Name);

/// <summary>A mount of a container.</summary>
internal sealed record MountDocument
{
    public required string Type { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    public required string Source { get; init; }

    public required string Destination { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Driver { get; init; }

    public required string Mode { get; init; }

    [JsonPropertyName("RW")]
    public bool IsWritable { get; init; }

    public required string Propagation { get; init; }
}

/// <summary>The network side of a container; the addresses on its own level are those of the network <c>bridge</c>.</summary>
internal sealed record NetworkSettingsDocument
{
    public string Bridge { get; init; } = "";

    [JsonPropertyName("SandboxID")]
    public required string SandboxId { get; init; }

    public required string SandboxKey { get; init; }

    public required IReadOnlyDictionary<string, List<PortBinding>?> Ports { get; init; }

    public bool HairpinMode { get; init; }

    public string LinkLocalIPv6Address { get; init; } = "";

    public int LinkLocalIPv6PrefixLen { get; init; }

    public IReadOnlyList<string>? SecondaryIPAddresses { get; init; }

    public IReadOnlyList<string>? SecondaryIPv6Addresses { get; init; }

    [JsonPropertyName("EndpointID")]
    public string EndpointId { get; init; } = "";

    public string Gateway { get; init; } = "";

    public string GlobalIPv6Address { get; init; } = "";

    public int GlobalIPv6PrefixLen { get; init; }

    public string IPAddress { get; init; } = "";

    public int IPPrefixLen { get; init; }

    public string IPv6Gateway { get; init; } = "";

    public string MacAddress { get; init; } = "";

    public required IReadOnlyDictionary<string, EndpointSettings> Networks { get; init; }
}

/// <summary>A container in a list.</summary>
internal sealed record ContainerSummaryDocument
{
    public required string Id { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required string Image { get; init; }

    [JsonPropertyName("ImageID")]
    public required string ImageId { get; init; }

    public required string Command { get; init; }

    public long Created { get; init; }

    public required IReadOnlyList<PortDocument> Ports { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeRw { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeRootFs { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string State { get; init; }

    public required string Status { get; init; }

    public required SummaryHostConfigDocument HostConfig { get; init; }

    public required SummaryNetworkSettingsDocument NetworkSettings { get; init; }

    public required IReadOnlyList<MountDocument> Mounts { get; init; }
}

/// <summary>A port of a container in a list.</summary>
internal sealed record PortDocument
{
    [JsonPropertyName("IP")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HostAddress { get; init; }

    public int PrivatePort { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int PublicPort { get; init; }

    public required string Type { get; init; }
}

/// <summary>The part of the host configuration that a list shows.</summary>
internal sealed record SummaryHostConfigDocument(string NetworkMode, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Annotations = null);

/// <summary>The part of the network settings that a list shows.</summary>
internal sealed record SummaryNetworkSettingsDocument(IReadOnlyDictionary<string, EndpointSettings> Networks);

/// <summary>Answer of container update.</summary>
/// <param name="Warnings">What was discarded; null for nothing.</param>
internal sealed record UpdateContainerDocument(IReadOnlyList<string>? Warnings);
