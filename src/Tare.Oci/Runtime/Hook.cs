using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A program to run, with the container's state on its standard input.</summary>
public class Hook
{
    /// <summary>Absolute path.</summary>
    [JsonPropertyName("path")]
    public string Path { get; set; } = "";

    /// <summary>Argument vector with the name first; null means the path alone.</summary>
    [JsonPropertyName("args")]
    public List<string>? Args { get; set; }

    /// <summary>Environment, nothing else is passed.</summary>
    [JsonPropertyName("env")]
    public List<string>? Env { get; set; }

    /// <summary>Seconds until it is killed; null waits for ever.</summary>
    [JsonPropertyName("timeout")]
    public int? Timeout { get; set; }
}
