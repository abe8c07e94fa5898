using Tare.Oci.Runtime;

namespace Tare.Runtime.Shim.Client;

/// <summary>An exec session to start in a container.</summary>
public sealed record ShimExecOptions
{
    /// <summary>Name of the session, unique in the container.</summary>
    public required string ExecId { get; init; }

    /// <summary>The OCI process document; its <c>terminal</c> decides whether the session has a pty.</summary>
    public required ProcessSpec Process { get; init; }

    /// <summary>The session takes input from the stream; false gives it <c>/dev/null</c>.</summary>
    public bool Stdin { get; init; }

    /// <summary>The stream carries standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>The stream carries standard error.</summary>
    public bool Stderr { get; init; }

    /// <summary>Runs without a stream; output is discarded.</summary>
    public bool Detach { get; init; }
}
