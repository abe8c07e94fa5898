using Tare.Engine.Errors;
using Tare.Engine.Security;

namespace Tare.Engine.Specs;

/// <summary>Chooses a container's capabilities (capabilities(7)) as Docker does.</summary>
internal static class Capabilities
{
    private static readonly string[] s_all =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>Every capability in the order of its number (linux/capability.h): the index is the bit.</summary>
    public static IReadOnlyList<string> All => s_all;

    /// <summary>The capabilities in force.</summary>
    /// <exception cref="EngineException">InvalidArgument: one has a name that the kernel does not know.</exception>
    /// <param name="add">Added ones; <c>ALL</c> for every one.</param>
    /// <param name="drop">Dropped ones; <c>ALL</c> for every one.</param>
    /// <param name="privileged">Whether the container has every one whatever the lists say.</param>
    public static List<string> Choose(IReadOnlyList<string>? add, IReadOnlyList<string>? drop, bool privileged)
    {
        HashSet<string> added = Normalise(add, "CapAdd");
        HashSet<string> dropped = Normalise(drop, "CapDrop");
        if (privileged)
        {
            return [.. s_all];
        }

        if (added.Contains("ALL"))
        {
            return [.. s_all.Where(c => !dropped.Contains(c))];
        }

        IEnumerable<string> kept = dropped.Contains("ALL") ? [] : DefaultCapabilities.Names.Where(c => !dropped.Contains(c));
        return [.. kept.Union(added)];
    }

    private static HashSet<string> Normalise(IReadOnlyList<string>? names, string list)
    {
        HashSet<string> normal = [];
        foreach (string name in names ?? [])
        {
            string upper = name.ToUpperInvariant();
            if (upper is "ALL" or "CAP_ALL")
            {
                normal.Add("ALL");
                continue;
            }

            string full = upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : "CAP_" + upper;
            if (!s_all.Contains(full))
            {
                EngineErrors.ThrowInvalid($"invalid {list}: unknown capability: \"{full}\"");
            }

            normal.Add(full);
        }

        return normal;
    }
}
