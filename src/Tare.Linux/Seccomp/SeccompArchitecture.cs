namespace Tare.Linux.Seccomp;

/// <summary>System call conventions that a filter can tell apart. The values are the columns of <see cref="SyscallTable"/>.</summary>
public enum SeccompArchitecture
{
    /// <summary>64-bit x86.</summary>
    X8664,

    /// <summary>32-bit x86 (int 0x80 and compatible entries).</summary>
    X86,

    /// <summary>x86-64 with 32-bit pointers: AUDIT_ARCH_X86_64 with bit 30 set in the number.</summary>
    X32,

    /// <summary>64-bit ARM.</summary>
    Aarch64,

    /// <summary>32-bit ARM, EABI.</summary>
    Arm,
}
