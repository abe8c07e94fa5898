using Tare.Linux.Seccomp;

namespace Tare.Runtime.Seccomp;

/// <summary>A compiled seccomp section, ready for seccomp(2) with SECCOMP_SET_MODE_FILTER.</summary>
/// <param name="Program">The filter.</param>
/// <param name="Flags">SECCOMP_FILTER_FLAG_* bits.</param>
/// <param name="ListenerPath">Socket that receives the listener's descriptor; null unless a rule notifies.</param>
/// <param name="ListenerMetadata">Text passed on to the listener.</param>
public sealed record SeccompFilter(SockFilter[] Program, uint Flags, string? ListenerPath, string? ListenerMetadata)
{
    /// <summary>Whether a rule notifies a listener.</summary>
    public bool Notifies => ListenerPath is not null;
}
