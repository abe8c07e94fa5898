using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Size of a terminal in characters.</summary>
public sealed class ConsoleSize
{
    /// <summary>Rows.</summary>
    [JsonPropertyName("height")]
    public uint Height { get; set; }

    /// <summary>Columns.</summary>
    [JsonPropertyName("width")]
    public uint Width { get; set; }
}
