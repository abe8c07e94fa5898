using Tare.Oci.Runtime;

namespace Tare.Runtime.Shim.Protocol;

/// <summary>
/// One request to a shim: a line of JSON on its socket, answered by one line (<see cref="ShimReply"/>). Members that an operation does
/// not use are absent. The operations are named in <see cref="ShimOperations"/>.
/// <code>
/// client                                      shim
/// {"op":"create",…}                    -->
///                                      &lt;--    {"ok":true,"pid":4711}
/// {"op":"attach","stdout":true}        -->
///                                      &lt;--    {"ok":true}
/// raw stdin bytes, then SHUT_WR        -->
///                                      &lt;--    output: frames, or raw bytes of a terminal; closed at its end
/// </code>
/// </summary>
public sealed class ShimRequest
{
    /// <summary>The operation: one of <see cref="ShimOperations"/>.</summary>
    public string Op { get; set; } = "";

    /// <summary>create: the runtime's state root, under which the container's <c>state.json</c> is kept.</summary>
    public string? StateRoot { get; set; }

    /// <summary>create: the overlay that becomes the root file system; null when the bundle's <c>root.path</c> already is one.</summary>
    public ShimRoot? Root { get; set; }

    /// <summary>create: where output is logged; null logs nothing.</summary>
    public ShimLog? Log { get; set; }

    /// <summary>create: keeps a stdin that clients may attach to; false gives the container <c>/dev/null</c>.</summary>
    public bool OpenStdin { get; set; }

    /// <summary>create: the first attached client that ends its input ends the container's stdin.</summary>
    public bool StdinOnce { get; set; }

    /// <summary>create: file that receives the <see cref="ExitRecord"/> when the container has ended.</summary>
    public string? ExitFile { get; set; }

    /// <summary>create: watches the memory cgroup for kills by the out-of-memory killer.</summary>
    public bool OomWatch { get; set; }

    /// <summary>create: puts a small init, which reaps orphans and passes signals on, before the process.</summary>
    public bool Init { get; set; }

    /// <summary>attach, exec: the client will send input.</summary>
    public bool Stdin { get; set; }

    /// <summary>attach, exec: the client wants standard output.</summary>
    public bool Stdout { get; set; }

    /// <summary>attach, exec: the client wants standard error (a terminal has none apart).</summary>
    public bool Stderr { get; set; }

    /// <summary>exec: name of the session, unique in the container. resize, kill: the session meant; null means the container's init.</summary>
    public string? ExecId { get; set; }

    /// <summary>exec: the OCI process document.</summary>
    public ProcessSpec? Process { get; set; }

    /// <summary>exec: runs without streams; the connection stays a request connection.</summary>
    public bool Detach { get; set; }

    /// <summary>resize: rows of the terminal.</summary>
    public int Rows { get; set; }

    /// <summary>resize: columns of the terminal.</summary>
    public int Cols { get; set; }

    /// <summary>kill: the signal's number.</summary>
    public int Signal { get; set; }

    /// <summary>kill: signals every process of the container's cgroup.</summary>
    public bool All { get; set; }
}
