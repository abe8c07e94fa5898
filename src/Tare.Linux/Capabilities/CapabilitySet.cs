using System.Globalization;
using Tare.Linux.Interop;

namespace Tare.Linux.Capabilities;

/// <summary>A set of capabilities (capabilities(7)), bit i being the capability with number i.</summary>
/// <param name="Bits">The bits.</param>
public readonly record struct CapabilitySet(ulong Bits)
{
    private const int PrCapbsetRead = 23;

    // include/uapi/linux/capability.h: the index is the number.
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The names that this version knows, by number.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The empty set.</summary>
    public static CapabilitySet Empty => default;

    /// <summary>Every capability: the bounding set of a process that has just entered a user namespace (user_namespaces(7)).</summary>
    public static CapabilitySet All => new(ulong.MaxValue);

    /// <summary>The number of a capability: <c>CAP_SYS_ADMIN</c> is 21; null for a name that this version does not know.</summary>
    public static int? NumberOf(string name)
    {
        int number = Array.IndexOf(s_names, name);
        return number < 0 ? null : number;
    }

    /// <summary>This thread's bounding set: what a process started from it can have at most.</summary>
    public static CapabilitySet Bounding()
    {
        ulong bits = 0;
        for (int number = 0; number < 64; number++)
        {
            nint held = Libc.RawSyscall(Syscalls.Prctl, PrCapbsetRead, number, 0, 0, 0, 0);
            if (held < 0)
            {
                break; // EINVAL: beyond the kernel's last capability
            }

            bits |= (ulong)held << number;
        }

        return new CapabilitySet(bits);
    }

    /// <summary>The number of the kernel's last capability (/proc/sys/kernel/cap_last_cap).</summary>
    public static int LastOfKernel()
    {
        // CAP_CHOWN is 0 and there are no gaps, so the end is found by halving.
        int known = 0;
        int unknown = 64;
        while (unknown - known > 1)
        {
            int number = (known + unknown) / 2;
            (known, unknown) = Libc.RawSyscall(Syscalls.Prctl, PrCapbsetRead, number, 0, 0, 0, 0) >= 0 ? (number, unknown) : (known, number);
        }

        return known;
    }

    /// <summary>Whether the capability with this number is in the set.</summary>
    public bool Contains(int number) => (Bits >> number & 1) != 0;

    /// <summary>The set with one more capability.</summary>
    public CapabilitySet With(int number) => new(Bits | 1UL << number);

    /// <summary>What is in both sets.</summary>
    public CapabilitySet Intersect(CapabilitySet other) => new(Bits & other.Bits);

    /// <summary>The names in the order of their numbers.</summary>
    public IReadOnlyList<string> ToNames()
    {
        List<string> names = [];
        for (int number = 0; number < 64; number++)
        {
            if (Contains(number))
            {
                names.Add(number < s_names.Length ? s_names[number] : "CAP_" + number.ToString(CultureInfo.InvariantCulture));
            }
        }

        return names;
    }

    /// <inheritdoc/>
    public override string ToString() => Bits.ToString("x16", CultureInfo.InvariantCulture);
}
