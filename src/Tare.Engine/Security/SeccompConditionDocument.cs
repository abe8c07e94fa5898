using System.Text.Json.Serialization;

namespace Tare.Engine.Security;

/// <summary>Condition of a rule of a seccomp profile.</summary>
internal sealed class SeccompConditionDocument
{
    /// <summary>Capabilities of the container.</summary>
    [JsonPropertyName("caps")]
    public List<string>? Caps { get; set; }

    /// <summary>Architectures in Go's words.</summary>
    [JsonPropertyName("arches")]
    public List<string>? Arches { get; set; }

    /// <summary>Lowest kernel version.</summary>
    [JsonPropertyName("minKernel")]
    public string? MinKernel { get; set; }
}
