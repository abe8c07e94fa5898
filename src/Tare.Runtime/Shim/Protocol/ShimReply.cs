using Tare.Runtime.Shim.Client;

namespace Tare.Runtime.Shim.Protocol;

/// <summary>The answer to one <see cref="ShimRequest"/>: a line of JSON.</summary>
public sealed class ShimReply
{
    /// <summary>Whether the operation succeeded.</summary>
    public bool Ok { get; set; }

    /// <summary>Kind of failure: the wire form of <see cref="ShimErrorKind"/> (<c>exec-not-found</c>, <c>exec-denied</c>, <c>not-found</c>, <c>invalid</c>, <c>failed</c>).</summary>
    public string? Kind { get; set; }

    /// <summary>What failed, in a sentence.</summary>
    public string? Message { get; set; }

    /// <summary>create, exec: pid in the shim's pid namespace.</summary>
    public int? Pid { get; set; }

    /// <summary>state: the container's state.</summary>
    public ShimState? State { get; set; }
}
