using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A comparison of an argument.</summary>
public sealed class LinuxSyscallArgument
{
    /// <summary>Which argument, 0 to 5.</summary>
    [JsonPropertyName("index")]
    public uint Index { get; set; }

    /// <summary>The value, or the mask of SCMP_CMP_MASKED_EQ.</summary>
    [JsonPropertyName("value")]
    public ulong Value { get; set; }

    /// <summary>The value under the mask.</summary>
    [JsonPropertyName("valueTwo")]
    public ulong ValueTwo { get; set; }

    /// <summary>SCMP_CMP_NE, LT, LE, EQ, GE, GT or MASKED_EQ.</summary>
    [JsonPropertyName("op")]
    public string Op { get; set; } = "";
}
