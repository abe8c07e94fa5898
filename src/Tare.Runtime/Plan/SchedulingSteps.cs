using System.Globalization;
using System.Runtime.InteropServices;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>Processor, memory and I/O placement of the process: kept over execve, and set while the privilege for it is there (CAP_SYS_NICE).</summary>
internal sealed unsafe class SchedulingSteps(PlanBuilder child)
{
    private const int ForProcess = 1; // IOPRIO_WHO_PROCESS
    private const int ClassShift = 13; // IOPRIO_CLASS_SHIFT
    private const int MostProcessors = 8192;
    private const int MostNodes = 1024;

    // linux/sched.h, linux/mempolicy.h, linux/personality.h
    private static readonly string[] s_policies = ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];

    private static readonly string[] s_flags =
    [
        "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS",
        "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
    ];

    private static readonly string[] s_ioClasses = ["", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"];

    private static readonly string[] s_memoryModes =
        ["MPOL_DEFAULT", "MPOL_PREFERRED", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE"];

    private static readonly Dictionary<string, int> s_memoryFlags = new(StringComparer.Ordinal)
    {
        ["MPOL_F_NUMA_BALANCING"] = 1 << 13,
        ["MPOL_F_RELATIVE_NODES"] = 1 << 14,
        ["MPOL_F_STATIC_NODES"] = 1 << 15,
    };

    /// <summary>The modes of linux.memoryPolicy.</summary>
    public static IReadOnlyList<string> MemoryModes => s_memoryModes;

    /// <summary>The flags of linux.memoryPolicy.</summary>
    public static IEnumerable<string> MemoryFlags => s_memoryFlags.Keys;

    private static readonly Dictionary<string, long> s_domains = new(StringComparer.Ordinal) { ["LINUX"] = 0, ["LINUX32"] = 8 };

    /// <summary>Scheduling policy and I/O priority (sched_setattr(2), ioprio_set(2)).</summary>
    /// <exception cref="ArgumentException">A name is unknown, or a value out of range.</exception>
    public void Process(ProcessSpec process)
    {
        if (process.Scheduler is { } scheduler)
        {
            ulong flags = 0;
            foreach (string flag in scheduler.Flags ?? [])
            {
                flags |= 1ul << IndexOf(s_flags, flag, "process.scheduler.flags");
            }

            Attributes attributes = new((uint)sizeof(Attributes), (uint)IndexOf(s_policies, scheduler.Policy, "process.scheduler.policy"), flags,
                scheduler.Nice, (uint)scheduler.Priority, scheduler.Runtime, scheduler.Deadline, scheduler.Period);
            child.Call("sched_setattr", Syscalls.SchedSetattr, $"{scheduler.Policy}", 0, child.Memory.Copy(attributes), 0);
        }

        if (process.IoPriority is { } io)
        {
            int number = IndexOf(s_ioClasses, io.Class, "process.ioPriority.class");
            if (io.Priority is < 0 or > 7)
            {
                throw new ArgumentException($"process.ioPriority.priority {io.Priority} is not from 0 to 7");
            }

            child.Call("ioprio_set", Syscalls.IoprioSet, $"{io.Class} {io.Priority}", ForProcess, 0, (number << ClassShift) | io.Priority);
        }
    }

    /// <summary>Memory policy and execution domain of the container (set_mempolicy(2), personality(2)).</summary>
    /// <exception cref="ArgumentException">A name is unknown, or a list is no list.</exception>
    public void Container(LinuxSpec linux)
    {
        if (linux.MemoryPolicy is { } policy)
        {
            int mode = IndexOf(s_memoryModes, policy.Mode, "linux.memoryPolicy.mode");
            foreach (string flag in policy.Flags ?? [])
            {
                mode |= s_memoryFlags.TryGetValue(flag, out int bit) ? bit : throw new ArgumentException($"linux.memoryPolicy.flags \"{flag}\" is unknown");
            }

            ulong[] nodes = Mask(policy.Nodes ?? "", MostNodes, "linux.memoryPolicy.nodes");
            bool none = Array.TrueForAll(nodes, word => word == 0);
            child.Call("set_mempolicy", Syscalls.SetMempolicy, $"{policy.Mode} {policy.Nodes}", mode, none ? 0 : child.Memory.Copy<ulong>(nodes), none ? 0 : MostNodes);
        }

        if (linux.Personality is { } personality)
        {
            long domain = s_domains.TryGetValue(personality.Domain, out long known) ? known : throw new ArgumentException($"linux.personality.domain \"{personality.Domain}\" is unknown");
            child.Call("personality", Syscalls.Personality, personality.Domain, domain);
        }
    }

    /// <summary>The processors that the process may use (sched_setaffinity(2)).</summary>
    /// <param name="processors">A list such as <c>0-3,7</c>; null or empty changes nothing.</param>
    /// <param name="field">The field, for messages.</param>
    /// <exception cref="ArgumentException">It is no such list.</exception>
    public void Affinity(string? processors, string field)
    {
        if (!string.IsNullOrEmpty(processors))
        {
            ulong[] mask = Mask(processors, MostProcessors, field);
            child.Call("sched_setaffinity", Syscalls.SchedSetaffinity, processors, 0, mask.Length * sizeof(ulong), child.Memory.Copy<ulong>(mask));
        }
    }

    /// <summary>
    /// All processors that the cgroup allows, whatever the caller was bound to (as runc): since Linux 6.2 a cpuset no longer widens the choice of a process that joins
    /// it. The kernel leaves out what is not there and what the cpuset does not allow.
    /// </summary>
    public void AllProcessors()
    {
        ulong[] mask = new ulong[MostProcessors / 64];
        Array.Fill(mask, ulong.MaxValue);
        child.Call("sched_setaffinity", Syscalls.SchedSetaffinity, "all processors", 0, mask.Length * sizeof(ulong), child.Memory.Copy<ulong>(mask)).Tolerant();
    }

    /// <summary>Checks the processors of processes to come.</summary>
    /// <exception cref="ArgumentException">One of the fields is no list of processors.</exception>
    public static void Check(ExecCpuAffinity? affinity)
    {
        _ = Mask(affinity?.Initial ?? "", MostProcessors, "process.execCPUAffinity.initial");
        _ = Mask(affinity?.Final ?? "", MostProcessors, "process.execCPUAffinity.final");
    }

    /// <summary>The bits of a list such as <c>0-3,7</c> (cpuset(7), list format).</summary>
    internal static ulong[] Mask(string list, int most, string field)
    {
        ulong[] mask = new ulong[most / 64];
        foreach (string range in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) || last < first || last >= most)
            {
                throw new ArgumentException($"{field} \"{list}\" is no list of numbers and ranges below {most}");
            }

            for (int number = first; number <= last; number++)
            {
                mask[number / 64] |= 1ul << (number % 64);
            }
        }

        return mask;
    }

    private static int IndexOf(string[] names, string name, string field)
    {
        int index = name.Length == 0 ? -1 : Array.IndexOf(names, name);
        return index < 0 ? throw new ArgumentException($"{field} \"{name}\" is unknown") : index;
    }

    // struct sched_attr, 48 bytes (SCHED_ATTR_SIZE_VER0)
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Attributes(uint Size, uint Policy, ulong Flags, int Nice, uint Priority, ulong Runtime, ulong Deadline, ulong Period);
}
