using System.Text.Json.Serialization;
using Tare.Oci.Runtime;

namespace Tare.Engine.Devices;

/// <summary>A file of the Container Device Interface (CNCF specification 1.0): devices of one kind, and what each changes in a container.</summary>
internal sealed class CdiDocument
{
    [JsonPropertyName("cdiVersion")]
    public string Version { get; set; } = "";

    /// <summary><c>vendor/class</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("devices")]
    public List<CdiDevice>? Devices { get; set; }

    /// <summary>Done once for all devices of the file.</summary>
    [JsonPropertyName("containerEdits")]
    public CdiEdits? Edits { get; set; }
}

/// <summary>A device of such a file.</summary>
internal sealed class CdiDevice
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("containerEdits")]
    public CdiEdits? Edits { get; set; }
}

/// <summary>What is changed in a container.</summary>
internal sealed class CdiEdits
{
    [JsonPropertyName("env")]
    public List<string>? Env { get; set; }

    [JsonPropertyName("deviceNodes")]
    public List<CdiDeviceNode>? DeviceNodes { get; set; }

    [JsonPropertyName("mounts")]
    public List<CdiMount>? Mounts { get; set; }

    [JsonPropertyName("hooks")]
    public List<CdiHook>? Hooks { get; set; }

    [JsonPropertyName("additionalGids")]
    public List<uint>? AdditionalGids { get; set; }
}

/// <summary>A device node; numbers that are missing are those of the node of the host.</summary>
internal sealed class CdiDeviceNode
{
    [JsonPropertyName("path")]
    public string Path { get; set; } = "";

    [JsonPropertyName("hostPath")]
    public string? HostPath { get; set; }

    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("major")]
    public long? Major { get; set; }

    [JsonPropertyName("minor")]
    public long? Minor { get; set; }

    [JsonPropertyName("fileMode")]
    public uint? FileMode { get; set; }

    [JsonPropertyName("permissions")]
    public string? Permissions { get; set; }

    [JsonPropertyName("uid")]
    public uint? Uid { get; set; }

    [JsonPropertyName("gid")]
    public uint? Gid { get; set; }
}

/// <summary>A mount.</summary>
internal sealed class CdiMount
{
    [JsonPropertyName("hostPath")]
    public string HostPath { get; set; } = "";

    [JsonPropertyName("containerPath")]
    public string ContainerPath { get; set; } = "";

    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("options")]
    public List<string>? Options { get; set; }
}

/// <summary>A hook of the runtime, with its kind.</summary>
internal sealed class CdiHook : Hook
{
    [JsonPropertyName("hookName")]
    public string Name { get; set; } = "";
}

/// <summary>Serialiser of these files.</summary>
[JsonSerializable(typeof(CdiDocument))]
internal sealed partial class CdiJson : JsonSerializerContext;
