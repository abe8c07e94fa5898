using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A bundle's config.json (runtime-spec 1.3, config.md).</summary>
public sealed class RuntimeSpec
{
    /// <summary>Version of the specification that the document follows, SemVer.</summary>
    [JsonPropertyName("ociVersion")]
    public string OciVersion { get; set; } = "";

    /// <summary>Programs to run at the points of the lifecycle.</summary>
    [JsonPropertyName("hooks")]
    public Hooks? Hooks { get; set; }

    /// <summary>Free metadata, passed on in the state.</summary>
    [JsonPropertyName("annotations")]
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Host name inside the uts namespace.</summary>
    [JsonPropertyName("hostname")]
    public string? Hostname { get; set; }

    /// <summary>NIS domain name inside the uts namespace.</summary>
    [JsonPropertyName("domainname")]
    public string? Domainname { get; set; }

    /// <summary>The root file system.</summary>
    [JsonPropertyName("root")]
    public Root? Root { get; set; }

    /// <summary>Mounts in the order in which they are made.</summary>
    [JsonPropertyName("mounts")]
    public List<Mount>? Mounts { get; set; }

    /// <summary>The process that the container runs.</summary>
    [JsonPropertyName("process")]
    public ProcessSpec? Process { get; set; }

    /// <summary>What is specific to Linux.</summary>
    [JsonPropertyName("linux")]
    public LinuxSpec? Linux { get; set; }
}
