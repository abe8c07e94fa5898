using System.Text.RegularExpressions;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>The output of probe.sh: sections of lines, without the numbers that differ from one run to the next.</summary>
internal sealed partial class Probe
{
    private readonly SortedDictionary<string, List<string>> _sections = new(StringComparer.Ordinal);

    public static Probe Parse(string output, Func<string, string> nameNamespace)
    {
        Probe probe = new();
        List<string> lines = [];
        foreach (string line in output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                probe._sections[line[3..]] = lines = [];
                continue;
            }

            lines.Add(line);
        }

        if (probe._sections.Count == 0)
        {
            return probe;
        }

        probe.Change("mounts", MountLine);
        // Keys of other containers are visible too.
        probe._sections["keys"].RemoveAll(line => !line.EndsWith("_ses.compared:", StringComparison.Ordinal));
        // The nodes that a user namespace gets by bind mounts, in whatever order; rules of devices are a set.
        List<string> nodes = [.. probe._sections["mounts"].Where(IsNode).Order(StringComparer.Ordinal)];
        probe._sections["mounts"].RemoveAll(IsNode);
        probe._sections["mounts"].AddRange(nodes);
        probe._sections["devices"].AddRange(probe._sections["cgroup"].Where(IsDeviceRule).Order(StringComparer.Ordinal));
        probe._sections["cgroup"].RemoveAll(IsDeviceRule);
        probe.Change("descriptors", line => Inode().Replace(line, ":[N]"));
        probe.Change("namespaces", line => line.Split(' ') is [string kind, string link] ? $"{kind} {nameNamespace(link)}" : line);
        return probe;
    }

    /// <summary>Adds what a runtime made in the root filesystem as the section "tree".</summary>
    public static void AddTree(Probe probe, string rootfs)
        => probe._sections["tree"] =
        [
            .. Command.Run("/usr/bin/find", [rootfs, "-printf", "%M %U %G %P %l\n"]).Ok().Stdout.Split('\n').Order(StringComparer.Ordinal).Where(line => !line.Contains(" bin/", StringComparison.Ordinal)),
        ];

    /// <summary>What differs between runc and tare-runtime beyond <see cref="IntendedDifference.All"/>, with crun's answer.</summary>
    public static IReadOnlyList<string> Differences(Probe runc, Probe crun, Probe tare)
    {
        List<string> differences = [];
        foreach (string section in runc._sections.Keys.Union(tare._sections.Keys))
        {
            List<string> theirs = runc.Lines(section), ours = tare.Lines(section), others = crun.Lines(section);
            if (!theirs.SequenceEqual(ours))
            {
                differences.Add($"{section}:");
                differences.AddRange(theirs.Except(ours).Select(line => $"  runc{(others.Contains(line) ? "+crun" : "")}: {line}"));
                differences.AddRange(ours.Except(theirs).Select(line => $"  tare{(others.Contains(line) ? "+crun" : "")}: {line}"));
                if (!theirs.Except(ours).Any() && !ours.Except(theirs).Any())
                {
                    differences.Add($"  the order: {string.Join(" | ", theirs.Zip(ours).Where(pair => pair.First != pair.Second).Take(4))}");
                }
            }
        }

        return differences;
    }

    // The lines of a section with the intended differences taken out. What covers a masked folder comes last: Linux 6.8 lists mounts in the order in which they were
    // made, not attached, and nothing is mounted on these.
    private List<string> Lines(string section)
        => _sections.TryGetValue(section, out List<string>? lines)
            ? [.. lines.Select(line => IntendedDifference.All.Aggregate(line, (text, difference) => difference.Level(section, text))).OrderBy(line => section == "mounts" && line.EndsWith(" mask", StringComparison.Ordinal))]
            : [];

    private static bool IsNode(string line) => line.Contains(" - devtmpfs ", StringComparison.Ordinal);

    private static bool IsDeviceRule(string line) => line.Contains("/devices.list: ", StringComparison.Ordinal);

    private void Change(string section, Func<string, string> change)
    {
        if (_sections.TryGetValue(section, out List<string>? lines))
        {
            _sections[section] = [.. lines.Select(change)];
        }
    }

    // "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" (proc(5)): the two identifiers and the device differ from mount to mount.
    private static string MountLine(string line) => PeerGroup().Replace(string.Join(' ', line.Split(' ').Skip(3)), "$1");

    [GeneratedRegex(@"(shared|master|propagate_from):\d+")]
    private static partial Regex PeerGroup();

    [GeneratedRegex(@":\[\d+\]")]
    private static partial Regex Inode();
}
