using System.Runtime.InteropServices;

namespace Tare.Linux.Netlink;

/// <summary>struct ifaddrmsg of rtnetlink(7).</summary>
/// <param name="Family">AF_INET.</param>
/// <param name="PrefixLength">Bits of the network.</param>
/// <param name="Flags">IFA_F_…</param>
/// <param name="Scope">RT_SCOPE_…</param>
/// <param name="Index">Interface.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct AddressMessage(byte Family, byte PrefixLength, byte Flags, byte Scope, int Index);
