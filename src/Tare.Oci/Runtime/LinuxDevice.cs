using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A device node.</summary>
public sealed class LinuxDevice
{
    /// <summary>Where it appears.</summary>
    [JsonPropertyName("path")]
    public string Path { get; set; } = "";

    /// <summary>c, u (unbuffered character), b or p.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    /// <summary>Major number; ignored for p.</summary>
    [JsonPropertyName("major")]
    public long Major { get; set; }

    /// <summary>Minor number; ignored for p.</summary>
    [JsonPropertyName("minor")]
    public long Minor { get; set; }

    /// <summary>Permission bits.</summary>
    [JsonPropertyName("fileMode")]
    public uint? FileMode { get; set; }

    /// <summary>Owner inside the container.</summary>
    [JsonPropertyName("uid")]
    public uint? Uid { get; set; }

    /// <summary>Group inside the container.</summary>
    [JsonPropertyName("gid")]
    public uint? Gid { get; set; }
}
