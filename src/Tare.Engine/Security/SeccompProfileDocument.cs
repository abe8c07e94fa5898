using System.Text.Json.Serialization;


namespace Tare.Engine.Security;

/// <summary>A seccomp profile in Docker's format (https://docs.docker.com/engine/security/seccomp/), as <c>--security-opt seccomp=FILE</c> carries it.</summary>
internal sealed class SeccompProfileDocument
{
    /// <summary>Action for calls without a rule.</summary>
    [JsonPropertyName("defaultAction")]
    public string DefaultAction { get; set; } = "";

    /// <summary>Error number of the default action.</summary>
    [JsonPropertyName("defaultErrnoRet")]
    public uint? DefaultErrnoRet { get; set; }

    /// <summary>Architectures; not beside <see cref="ArchMap"/>.</summary>
    [JsonPropertyName("architectures")]
    public List<string>? Architectures { get; set; }

    /// <summary>Architectures with the ones that belong to them.</summary>
    [JsonPropertyName("archMap")]
    public List<SeccompArchitectureDocument>? ArchMap { get; set; }

    /// <summary>Flags of seccomp(2).</summary>
    [JsonPropertyName("flags")]
    public List<string>? Flags { get; set; }

    /// <summary>The rules.</summary>
    [JsonPropertyName("syscalls")]
    public List<SeccompRuleDocument>? Syscalls { get; set; }
}
