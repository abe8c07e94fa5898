using System.Runtime.InteropServices;

namespace Tare.Linux.Seccomp;

/// <summary>One instruction of classic BPF: <c>struct sock_filter</c> of linux/filter.h.</summary>
/// <param name="Code">Operation.</param>
/// <param name="JumpTrue">Instructions skipped when the comparison holds.</param>
/// <param name="JumpFalse">Instructions skipped when it does not.</param>
/// <param name="K">Constant operand.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SockFilter(ushort Code, byte JumpTrue, byte JumpFalse, uint K);
