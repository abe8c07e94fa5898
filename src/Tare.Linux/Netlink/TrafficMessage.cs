using System.Runtime.InteropServices;

namespace Tare.Linux.Netlink;

/// <summary>struct tcmsg (linux/rtnetlink.h): a queueing discipline or a filter of an interface.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TrafficMessage(int Family, int Index, uint Handle, uint Parent, uint Info);

/// <summary>struct tc_ratespec (linux/pkt_sched.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RateSpecification(byte CellLog, byte LinkLayer, ushort Overhead, short CellAlign, ushort Mpu, uint Rate);

/// <summary>struct tc_tbf_qopt (linux/pkt_sched.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenBucketOptions(RateSpecification Rate, RateSpecification PeakRate, uint Limit, uint Buffer, uint Mtu);

/// <summary>struct tc_u32_sel with one struct tc_u32_key (linux/pkt_cls.h); all zeros but the first two numbers match every packet.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct EveryPacket(byte Flags, byte OffsetShift, byte Keys, byte Padding, ushort OffsetMask, ushort Offset, short Offoff, short HashOffset, uint HashMask, uint Mask, uint Value, int At, int AtMask);

/// <summary>struct tc_mirred (linux/tc_act/tc_mirred.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Redirection(uint Index, uint Capabilities, int Action, int References, int Bindings, int Direction, int Target);
