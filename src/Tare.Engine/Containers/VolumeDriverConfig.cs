using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>Driver of a volume and its options.</summary>
public sealed class VolumeDriverConfig
{
    /// <summary>The driver's name; empty means local.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; set; }

    /// <summary>The driver's options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Options { get; set; }
}
