using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Limit of huge pages of one size.</summary>
public sealed class LinuxHugepageLimit
{
    /// <summary>2MB and the like.</summary>
    [JsonPropertyName("pageSize")]
    public string PageSize { get; set; } = "";

    /// <summary>Bytes.</summary>
    [JsonPropertyName("limit")]
    public ulong Limit { get; set; }
}
