using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>System call filter (config-linux.md, Seccomp).</summary>
public sealed class LinuxSeccomp
{
    /// <summary>Action where no rule matches: SCMP_ACT_….</summary>
    [JsonPropertyName("defaultAction")]
    public string DefaultAction { get; set; } = "";

    /// <summary>errno of the default action.</summary>
    [JsonPropertyName("defaultErrnoRet")]
    public uint? DefaultErrnoRet { get; set; }

    /// <summary>SCMP_ARCH_… names beside the native one.</summary>
    [JsonPropertyName("architectures")]
    public List<string>? Architectures { get; set; }

    /// <summary>SECCOMP_FILTER_FLAG_… names.</summary>
    [JsonPropertyName("flags")]
    public List<string>? Flags { get; set; }

    /// <summary>Socket that gets the notification descriptor.</summary>
    [JsonPropertyName("listenerPath")]
    public string? ListenerPath { get; set; }

    /// <summary>Opaque data for the listener.</summary>
    [JsonPropertyName("listenerMetadata")]
    public string? ListenerMetadata { get; set; }

    /// <summary>Rules.</summary>
    [JsonPropertyName("syscalls")]
    public List<LinuxSyscallRule>? Syscalls { get; set; }
}
