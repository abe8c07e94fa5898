using System.Globalization;
using Tare.Engine.Lifecycle;
using Tare.Linux.Cgroups;

namespace Tare.Engine.Containers;

/// <summary>Reads what a container uses, from its cgroup and from /proc.</summary>
internal static class StatisticsReader
{
    private const ulong NanosecondsPerTick = 10_000_000; // USER_HZ is 100 on every architecture that Linux still has

    /// <summary>Reads it.</summary>
    public static ContainerStatistics Read(Container container, EngineParts parts)
    {
        ContainerStatistics empty = new() { Id = container.Id, Name = container.Name };
        if (!container.State.IsAlive)
        {
            return empty;
        }

        Cgroup cgroup = Cgroup.Open(CgroupHierarchies.Current, ContainerUpdate.CgroupPathOf(container, parts));
        return empty with
        {
            ReadAt = parts.Time.GetUtcNow(),
            Usage = cgroup.ReadUsage(),
            CpuNanosecondsOfEach = cgroup.Find("cpuacct") is { Hierarchy.IsUnified: false } accounting ? Numbers(CgroupFile.TryRead(accounting["cpuacct.usage_percpu"])) : [],
            MemoryFields = cgroup.Find("memory") is { } memory ? Fields(CgroupFile.TryRead(memory["memory.stat"])) : [],
            BlockTransfers = cgroup.BlockBytes(),
            SystemCpuNanoseconds = SystemCpu(CgroupFile.TryRead("/proc/stat")),
            OnlineCpus = Environment.ProcessorCount,
            MachineMemoryBytes = Machine.OsRelease.MemoryBytes(),
            Networks = container.Document.HostConfig.NetworkMode == "host" ? [] : Interfaces(CgroupFile.TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{container.State.Pid}/net/dev"))),
        };
    }

    /// <summary>The sum of the first line of /proc/stat, without the time of guests, which is counted in user time already (proc_stat(5)).</summary>
    internal static ulong? SystemCpu(string? text)
    {
        string[] words = (text ?? "").Split('\n', 2)[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 8 || words[0] != "cpu")
        {
            return null;
        }

        ulong ticks = 0;
        foreach (string word in words[1..8])
        {
            ticks += ulong.Parse(word, CultureInfo.InvariantCulture);
        }

        return ticks * NanosecondsPerTick;
    }

    /// <summary>The lines of /proc/PID/net/dev (proc_pid_net(5)): bytes, packets, errors, drops, received then sent.</summary>
    internal static List<(string, IReadOnlyList<ulong>)> Interfaces(string? text)
    {
        List<(string, IReadOnlyList<ulong>)> found = [];
        foreach (string line in (text ?? "").Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? "" : line[..colon].Trim();
            List<ulong> numbers = colon < 0 ? [] : Numbers(line[(colon + 1)..]);
            if (name is not ("" or "lo") && numbers.Count >= 16)
            {
                found.Add((name, [numbers[0], numbers[1], numbers[2], numbers[3], numbers[8], numbers[9], numbers[10], numbers[11]]));
            }
        }

        return found;
    }

    private static IEnumerable<string[]> Lines(string? text) => (text ?? "").Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static List<KeyValuePair<string, ulong>> Fields(string? text)
        => [.. Lines(text).Where(words => words.Length == 2 && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out _))
            .Select(words => KeyValuePair.Create(words[0], ulong.Parse(words[1], CultureInfo.InvariantCulture)))];

    private static List<ulong> Numbers(string? text)
        => [.. (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => ulong.TryParse(word, CultureInfo.InvariantCulture, out ulong value) ? value : 0)];
}
