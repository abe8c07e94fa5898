using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A rule of the filter: it matches when all its arguments do.</summary>
public sealed class LinuxSyscallRule
{
    /// <summary>System calls.</summary>
    [JsonPropertyName("names")]
    public List<string> Names { get; set; } = [];

    /// <summary>SCMP_ACT_….</summary>
    [JsonPropertyName("action")]
    public string Action { get; set; } = "";

    /// <summary>errno of SCMP_ACT_ERRNO, data of SCMP_ACT_TRACE.</summary>
    [JsonPropertyName("errnoRet")]
    public uint? ErrnoRet { get; set; }

    /// <summary>Comparisons.</summary>
    [JsonPropertyName("args")]
    public List<LinuxSyscallArgument>? Args { get; set; }
}
