using System.Text.Json.Serialization;
using Tare.Oci.Images;

namespace Tare.Engine.Containers;

/// <summary>
/// What runs in a container, independent of the machine: the <c>Config</c> of the Docker Engine API (v1.51, container create and inspect).
/// The document is read from create requests, merged with the image's configuration, and stored.
/// </summary>
public sealed class ContainerConfig
{
    /// <summary>Host name in the container's UTS namespace; empty means the first 12 digits of the container id.</summary>
    public string Hostname { get; set => field = value ?? ""; } = "";

    /// <summary>NIS domain name; empty leaves it unset.</summary>
    public string Domainname { get; set => field = value ?? ""; } = "";

    /// <summary><c>user[:group]</c> as names of the image's files or as numbers; empty means root.</summary>
    public string User { get; set => field = value ?? ""; } = "";

    /// <summary>Whether the client that created the container attaches to its input.</summary>
    public bool AttachStdin { get; set; }

    /// <summary>Whether the client that created the container attaches to its output.</summary>
    public bool AttachStdout { get; set; }

    /// <summary>Whether the client that created the container attaches to its error output.</summary>
    public bool AttachStderr { get; set; }

    /// <summary>Ports that the container listens on, as <c>port/protocol</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, EmptyDocument>? ExposedPorts { get; set => field = JsonValues.Values(value, EmptyDocument.Instance); }

    /// <summary>Whether the process gets a terminal.</summary>
    public bool Tty { get; set; }

    /// <summary>Whether the input stays open although nobody is attached; false gives the process <c>/dev/null</c>.</summary>
    public bool OpenStdin { get; set; }

    /// <summary>Whether the input ends when the first attached client leaves.</summary>
    public bool StdinOnce { get; set; }

    /// <summary>Environment as <c>NAME=value</c>; in a request, <c>NAME</c> alone removes the image's variable.</summary>
    public List<string>? Env { get; set => field = JsonValues.Strings(value); }

    /// <summary>Default arguments, or the whole command where there is no entry point.</summary>
    [JsonConverter(typeof(StringOrListConverter))]
    public List<string>? Cmd { get; set; }

    /// <summary>How to find out whether the container is healthy; null takes the image's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthConfig? Healthcheck { get; set; }

    /// <summary>Windows only; carried through.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ArgsEscaped { get; set; }

    /// <summary>The image as the user named it.</summary>
    public string Image { get; set => field = value ?? ""; } = "";

    /// <summary>Paths that get an anonymous volume where nothing else is mounted.</summary>
    public Dictionary<string, EmptyDocument>? Volumes { get; set => field = JsonValues.Values(value, EmptyDocument.Instance); }

    /// <summary>Working directory; empty means the image's, else <c>/</c>. It is created when missing.</summary>
    public string WorkingDir { get; set => field = value ?? ""; } = "";

    /// <summary>Command that the arguments are appended to; null takes the image's, an empty list (or one empty string) removes it.</summary>
    [JsonConverter(typeof(StringOrListConverter))]
    public List<string>? Entrypoint { get; set; }

    /// <summary>Whether the container gets no network at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NetworkDisabled { get; set; }

    /// <summary>MAC address on the container's network (deprecated by Docker in favour of the endpoint's); empty chooses one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MacAddress { get; set; }

    /// <summary>Build instructions that the image carries for its children.</summary>
    public List<string>? OnBuild { get; set => field = JsonValues.Strings(value); }

    /// <summary>Labels; the image's and the request's are merged, the request's win.</summary>
    public Dictionary<string, string>? Labels { get; set => field = JsonValues.Values(value, ""); }

    /// <summary>Signal that asks the container to stop, by name or number; null means the image's, else SIGTERM.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StopSignal { get; set; }

    /// <summary>Seconds between the stop signal and SIGKILL; null means 10, -1 waits for ever.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StopTimeout { get; set; }

    /// <summary>Shell of the Dockerfile's shell form.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(StringOrListConverter))]
    public List<string>? Shell { get; set; }
}
