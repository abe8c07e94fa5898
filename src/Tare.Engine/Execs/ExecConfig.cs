using System.Text.Json.Serialization;
using Tare.Engine.Containers;

namespace Tare.Engine.Execs;

/// <summary>A process to be run in a running container (Docker Engine API, exec create).</summary>
public sealed class ExecConfig
{
    /// <summary><c>user[:group]</c>; empty means the container's.</summary>
    public string User { get; set => field = value ?? ""; } = "";

    /// <summary>Whether the process gets every capability.</summary>
    public bool Privileged { get; set; }

    /// <summary>Whether the process gets a terminal.</summary>
    public bool Tty { get; set; }

    /// <summary>Height and width of the terminal at its start; null leaves the kernel's default.</summary>
    public uint[]? ConsoleSize { get; set; }

    /// <summary>Whether a client will be attached to its input.</summary>
    public bool AttachStdin { get; set; }

    /// <summary>Whether a client will be attached to its error output.</summary>
    public bool AttachStderr { get; set; }

    /// <summary>Whether a client will be attached to its output.</summary>
    public bool AttachStdout { get; set; }

    /// <summary>Keys that end the attachment; empty means ctrl-p,ctrl-q.</summary>
    public string DetachKeys { get; set => field = value ?? ""; } = "";

    /// <summary>Environment beside the container's, as <c>NAME=value</c>.</summary>
    public List<string>? Env { get; set; }

    /// <summary>Working directory; empty means the container's.</summary>
    public string WorkingDir { get; set => field = value ?? ""; } = "";

    /// <summary>The command and its arguments.</summary>
    [JsonConverter(typeof(StringOrListConverter))]
    public List<string>? Cmd { get; set; }
}
