using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>Options of a temporary file system in the long form.</summary>
public sealed class TmpfsOptions
{
    /// <summary>Size in bytes; 0 means no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long SizeBytes { get; set; }

    /// <summary>Mode of its root directory; 0 means 01777.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Mode { get; set; }

    /// <summary>Further mount options: pairs, or single words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<List<string>>? Options { get; set; }
}
