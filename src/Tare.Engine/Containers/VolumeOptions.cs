using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>Options of a volume in the long form.</summary>
public sealed class VolumeOptions
{
    /// <summary>Whether an empty volume is not filled with what the image has at the target.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoCopy { get; set; }

    /// <summary>Labels of a volume that is created by its use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Path inside the volume that is mounted instead of its root.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subpath { get; set; }

    /// <summary>Driver of a volume that is created by its use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VolumeDriverConfig? DriverConfig { get; set; }
}
