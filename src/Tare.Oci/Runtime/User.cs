using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Ids of a process (config.md, POSIX-platform user).</summary>
public sealed class User
{
    /// <summary>User id inside the container.</summary>
    [JsonPropertyName("uid")]
    public uint Uid { get; set; }

    /// <summary>Group id inside the container.</summary>
    [JsonPropertyName("gid")]
    public uint Gid { get; set; }

    /// <summary>File mode mask; null leaves 0022.</summary>
    [JsonPropertyName("umask")]
    public uint? Umask { get; set; }

    /// <summary>Supplementary group ids.</summary>
    [JsonPropertyName("additionalGids")]
    public List<uint>? AdditionalGids { get; set; }
}
