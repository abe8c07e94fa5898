using System.Runtime.InteropServices;

namespace Tare.Linux.Netlink;

/// <summary>struct rtmsg of rtnetlink(7).</summary>
/// <param name="Family">AF_INET.</param>
/// <param name="DestinationLength">Bits of the destination; 0 for the default route.</param>
/// <param name="SourceLength">Bits of the source.</param>
/// <param name="TypeOfService">Type of service.</param>
/// <param name="Table">RT_TABLE_…</param>
/// <param name="Protocol">RTPROT_…</param>
/// <param name="Scope">RT_SCOPE_…</param>
/// <param name="Type">RTN_…</param>
/// <param name="Flags">RTM_F_…</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RouteMessage(byte Family, byte DestinationLength, byte SourceLength, byte TypeOfService, byte Table, byte Protocol, byte Scope, byte Type, uint Flags);
