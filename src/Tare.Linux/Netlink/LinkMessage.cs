using System.Runtime.InteropServices;

namespace Tare.Linux.Netlink;

/// <summary>struct ifinfomsg of rtnetlink(7).</summary>
/// <param name="Family">AF_UNSPEC.</param>
/// <param name="Type">ARPHRD_…</param>
/// <param name="Index">Interface; 0 where it has none yet.</param>
/// <param name="Flags">IFF_…</param>
/// <param name="Change">Which flags are meant.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct LinkMessage(ushort Family, ushort Type, int Index, uint Flags, uint Change);
