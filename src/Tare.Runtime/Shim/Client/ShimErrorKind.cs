namespace Tare.Runtime.Shim.Client;

/// <summary>Why a shim refused or failed a request.</summary>
public enum ShimErrorKind
{
    /// <summary>The step named in the message failed.</summary>
    Failed,

    /// <summary>The command does not exist in the container (exit code 127 by convention).</summary>
    ExecNotFound,

    /// <summary>The command exists and may not be executed (exit code 126 by convention).</summary>
    ExecDenied,

    /// <summary>The exec session or process that the request names does not exist.</summary>
    NotFound,

    /// <summary>The request or a document in it is wrong.</summary>
    Invalid,

    /// <summary>No shim answers on the socket: the container has ended, or its shim has died.</summary>
    Gone,
}
