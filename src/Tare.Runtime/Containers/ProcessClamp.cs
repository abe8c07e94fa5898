using System.Globalization;
using Tare.Linux;
using Tare.Linux.Capabilities;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>
/// Brings a process's demands within what this machine grants, with a warning for each: capabilities that are unknown or not in the bounding
/// set (config.md: SHOULD NOT fail), limits above the hard limit, and an out-of-memory score below this process's, without CAP_SYS_RESOURCE.
/// </summary>
internal static unsafe class ProcessClamp
{
    private const int SysResource = 24;

    /// <summary>Warns of capabilities and clamps the limits of <paramref name="process"/>, which is changed.</summary>
    /// <param name="process">The process.</param>
    /// <param name="bounding">This process's bounding set.</param>
    /// <param name="userNamespace">Whether the process gets into another user namespace, where the set is full whatever it is here (user_namespaces(7)).</param>
    /// <param name="warn">Gets the sentences; null for nobody.</param>
    public static void Apply(ProcessSpec process, CapabilitySet bounding, bool userNamespace, Action<string>? warn)
    {
        WarnOfCapabilities(process.Capabilities, userNamespace ? CapabilitySet.All : bounding, warn);
        if (bounding.Contains(SysResource))
        {
            return;
        }

        foreach (Rlimit limit in process.Rlimits ?? [])
        {
            if (ResourceLimits.NumberOf(limit.Type) is { } number)
            {
                Clamp(limit, number, warn);
            }
        }
    }

    /// <summary>Warns of what the specification has and no kernel of today takes.</summary>
    public static void WarnOfIgnored(LinuxSpec? linux, Action<string>? warn)
    {
        if (linux?.Personality?.Flags is { Count: > 0 } flags)
        {
            warn?.Invoke($"linux.personality.flags {string.Join(", ", flags)}: the specification defines none, they are ignored");
        }

        if (linux?.Resources?.Memory is { Kernel: not null } or { KernelTcp: not null })
        {
            warn?.Invoke("linux.resources.memory.kernel: kernel memory is counted as memory, its own limit is ignored");
        }
    }

    /// <summary>Sets a process's out-of-memory score, or the nearest that is allowed.</summary>
    /// <exception cref="LinuxException">The score cannot be set at all.</exception>
    public static void SetOomScore(int pid, int score, Action<string>? warn)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/oom_score_adj");
        Errno errno = Linux.Cgroups.CgroupFile.TryWrite(path, score.ToString(CultureInfo.InvariantCulture));
        if (errno is Errno.EACCES or Errno.EPERM)
        {
            warn?.Invoke($"oomScoreAdj {score}: lowering the score needs CAP_SYS_RESOURCE, it stays as it is");
        }
        else if (errno is not (Errno.None or Errno.ENOENT or Errno.ESRCH))
        {
            throw new LinuxException(errno, "write", path);
        }
    }

    private static void WarnOfCapabilities(Oci.Runtime.CapabilitySets? sets, CapabilitySet bounding, Action<string>? warn)
    {
        if (warn is null)
        {
            return;
        }

        HashSet<string> told = [];
        foreach (string name in (IEnumerable<string>)[.. sets?.Bounding ?? [], .. sets?.Permitted ?? [], .. sets?.Effective ?? [], .. sets?.Inheritable ?? [], .. sets?.Ambient ?? []])
        {
            if (!told.Add(name))
            {
                continue;
            }

            if (CapabilitySet.NumberOf(name) is not { } number)
            {
                warn($"capability {name} is unknown and is ignored");
            }
            else if (!bounding.Contains(number))
            {
                warn($"capability {name} is not in the bounding set of this process and is ignored");
            }
        }

        foreach (string name in sets?.Ambient ?? [])
        {
            // capabilities(7): only what is permitted and inheritable can become ambient.
            if (CapabilitySet.NumberOf(name) is not null && !(sets!.Permitted?.Contains(name) == true && sets.Inheritable?.Contains(name) == true))
            {
                warn($"can't raise ambient capability {name}: it is not both permitted and inheritable");
            }
        }
    }

    private static void Clamp(Rlimit limit, int number, Action<string>? warn)
    {
        ulong* now = stackalloc ulong[2];
        if (Libc.Syscall(Syscalls.Prlimit64, 0, number, 0, (nint)now) != 0 || limit.Hard <= now[1])
        {
            return;
        }

        warn?.Invoke($"{limit.Type}: raising the hard limit above {now[1]} needs CAP_SYS_RESOURCE, {now[1]} is used");
        limit.Hard = now[1];
        limit.Soft = Math.Min(limit.Soft, limit.Hard);
    }
}
