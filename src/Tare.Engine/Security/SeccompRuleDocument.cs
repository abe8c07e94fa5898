using System.Text.Json.Serialization;
using Tare.Oci.Runtime;

namespace Tare.Engine.Security;

/// <summary>One rule of a seccomp profile in Docker's format.</summary>
internal sealed class SeccompRuleDocument
{
    /// <summary>One call, in the older form.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    /// <summary>The calls.</summary>
    [JsonPropertyName("names")]
    public List<string>? Names { get; set; }

    /// <summary>What happens.</summary>
    [JsonPropertyName("action")]
    public string Action { get; set; } = "";

    /// <summary>Error number of the action.</summary>
    [JsonPropertyName("errnoRet")]
    public uint? ErrnoRet { get; set; }

    /// <summary>Conditions on the arguments.</summary>
    [JsonPropertyName("args")]
    public List<LinuxSyscallArgument>? Args { get; set; }

    /// <summary>The rule counts only where all of these hold.</summary>
    [JsonPropertyName("includes")]
    public SeccompConditionDocument? Includes { get; set; }

    /// <summary>The rule does not count where one of these holds.</summary>
    [JsonPropertyName("excludes")]
    public SeccompConditionDocument? Excludes { get; set; }
}
