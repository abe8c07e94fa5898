using System.Text.Json.Serialization;

namespace Tare.Engine.Security;

/// <summary>An architecture of a seccomp profile and those whose programs it runs too.</summary>
internal sealed class SeccompArchitectureDocument
{
    /// <summary>The architecture, such as SCMP_ARCH_X86_64.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; set; } = "";

    /// <summary>The others.</summary>
    [JsonPropertyName("subArchitectures")]
    public List<string>? SubArchitectures { get; set; }
}
