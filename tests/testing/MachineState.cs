namespace Tare.Testing;

/// <summary>
/// What programs can leave behind on a machine: mounts, cgroups, network interfaces, tables of the firewall, processes. A test takes a snapshot before and
/// compares after.
/// </summary>
public sealed class MachineState
{
    private readonly string _marker;
    private readonly SortedSet<string> _items;

    private MachineState(string marker, SortedSet<string> items)
    {
        _marker = marker;
        _items = items;
    }

    /// <summary>Looks at the machine now. <paramref name="marker"/> is a path that every process of the test names on its command line.</summary>
    public static MachineState Take(string marker) => new(marker, Look(marker));

    /// <summary>Fails with the list of what is here now and was not at the time of the snapshot; waits up to five seconds for the kernel's asynchronous clean-up.</summary>
    public void AssertNothingNew()
    {
        DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        while (true)
        {
            List<string> added = [.. Look(_marker).Except(_items)];
            if (added.Count == 0)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < end, "left behind: " + string.Join("; ", added));
            Thread.Sleep(50);
        }
    }

    private static SortedSet<string> Look(string marker)
    {
        SortedSet<string> items = new(StringComparer.Ordinal);
        foreach (string line in File.ReadLines("/proc/self/mounts"))
        {
            items.Add("mount " + line.Split(' ')[1]);
        }

        foreach (string name in Interfaces())
        {
            items.Add("interface " + name);
        }

        foreach (string table in Command.Run("/usr/sbin/nft", ["list", "tables"]).Stdout.Split('\n').Where(line => line.StartsWith("table inet tare", StringComparison.Ordinal)))
        {
            items.Add(table);
        }

        foreach (string cgroup in Cgroups())
        {
            items.Add("cgroup " + cgroup);
        }

        foreach (string process in Processes(marker))
        {
            items.Add("process " + process);
        }

        return items;
    }

    /// <summary>The network interfaces of this process's network namespace (a /sys that was mounted elsewhere shows another's).</summary>
    public static IReadOnlyList<string> Interfaces()
        => [.. File.ReadLines("/proc/self/net/dev").Skip(2).Select(line => line.Split(':')[0].Trim())];

    private static IEnumerable<string> Cgroups()
    {
        EnumerationOptions options = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.EnumerateDirectories("/sys/fs/cgroup", "*", options).Where(path => path.Contains("/tare/", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Processes(string marker)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            string line;
            try
            {
                line = File.ReadAllText(folder + "/cmdline").Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue; // ended while we looked
            }

            if (line.Contains(marker, StringComparison.Ordinal))
            {
                yield return $"{Path.GetFileName(folder)} {line}";
            }
        }
    }
}
