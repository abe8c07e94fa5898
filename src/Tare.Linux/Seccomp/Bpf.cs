namespace Tare.Linux.Seccomp;

/// <summary>The operations of classic BPF that filters are made of (linux/bpf_common.h), and the layout of struct seccomp_data.</summary>
internal static class Bpf
{
    /// <summary>BPF_LD | BPF_W | BPF_ABS: loads a 32-bit word of struct seccomp_data.</summary>
    public const ushort LoadWord = 0x20;

    /// <summary>BPF_ALU | BPF_AND | BPF_K.</summary>
    public const ushort And = 0x54;

    /// <summary>BPF_JMP | BPF_JA | BPF_K.</summary>
    public const ushort Jump = 0x05;

    /// <summary>BPF_JMP | BPF_JEQ | BPF_K.</summary>
    public const ushort JumpEqual = 0x15;

    /// <summary>BPF_JMP | BPF_JGT | BPF_K.</summary>
    public const ushort JumpGreater = 0x25;

    /// <summary>BPF_JMP | BPF_JGE | BPF_K.</summary>
    public const ushort JumpGreaterOrEqual = 0x35;

    /// <summary>BPF_JMP | BPF_JSET | BPF_K.</summary>
    public const ushort JumpSet = 0x45;

    /// <summary>BPF_RET | BPF_K.</summary>
    public const ushort Return = 0x06;

    /// <summary>Offset of the system call's number.</summary>
    public const uint NumberOffset = 0;

    /// <summary>Offset of the AUDIT_ARCH_* value.</summary>
    public const uint ArchitectureOffset = 4;

    /// <summary>BPF_MAXINSNS: the longest program that the kernel takes.</summary>
    public const int MaxInstructions = 4096;

    /// <summary>Offset of an argument's lower (word 0) or upper (word 1) half. All architectures of <see cref="SeccompArchitecture"/> are little-endian.</summary>
    public static uint ArgumentOffset(int index, int word) => 16 + (8 * (uint)index) + (4 * (uint)word);
}
