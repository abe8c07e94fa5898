using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>
/// Trees made at random, imported, changed in a container, compared, exported, committed, saved and loaded by tared and by a genuine dockerd: what one writes the other reads, and
/// both tell the same.
/// </summary>
public sealed class ArchiveComparisonTests(ComparedDaemons daemons) : IClassFixture<ComparedDaemons>
{
    // What a daemon adds to a root for its own ends.
    private static readonly string[] s_marks = [".dockerenv", "etc/mtab", "etc/hosts", "etc/hostname", "etc/resolv.conf", "dev/", "proc/", "sys/", "etc/"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void BothSeeTheSame(int seed)
    {
        RandomTree tree = new(seed);
        string image = $"tree{seed}:1";
        byte[] archive = tree.Archive();
        string script = tree.Changes();
        string[] names = ["docker", "tare"];
        List<string>[] changes = new List<string>[2];
        List<string>[] exports = new List<string>[2];
        for (int i = 0; i < 2; i++)
        {
            Run(i, ["import", "-c", "ENV PATH=/bin", "-", image], archive);
            Run(i, ["run", "--name", names[i] + seed, "--net", "none", image, "sh", "-c", script]);
            changes[i] = [.. Run(i, ["diff", names[i] + seed]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
            exports[i] = Export(i, names[i] + seed);
            Run(i, ["commit", names[i] + seed, $"{names[i]}-made{seed}:1"]);
        }

        AssertSame(changes[0], changes[1]);
        AssertSame(exports[0], exports[1]);
        for (int i = 0; i < 2; i++)
        {
            // The image of one, run by the other.
            string made = $"{names[i]}-made{seed}:1";
            string file = $"{daemons.Docker.Root.Folder}/{names[i]}{seed}.tar";
            Run(i, ["save", "-o", file, made]);
            Run(1 - i, ["load", "-i", file]);
            Assert.Equal(Run(i, ["inspect", "-f", "{{.Id}} {{.RootFS.Layers}}", made]), Run(1 - i, ["inspect", "-f", "{{.Id}} {{.RootFS.Layers}}", made]));
            string loaded = $"loaded-{names[i]}{seed}";
            Run(1 - i, ["create", "--name", loaded, "--net", "none", made]);
            AssertSame(exports[i], Export(1 - i, loaded));
        }

        for (int i = 0; i < 2; i++)
        {
            Run(i, ["rm", names[i] + seed, $"loaded-{names[1 - i]}{seed}"]);
            Run(i, ["rmi", image, $"docker-made{seed}:1", $"tare-made{seed}:1"]);
        }
    }

    // Names are long, and only those that differ tell anything.
    private static void AssertSame(List<string> expected, List<string> actual)
        => Assert.True(expected.SequenceEqual(actual), $"only there:\n{string.Join('\n', expected.Except(actual))}\nonly here:\n{string.Join('\n', actual.Except(expected))}");

    private string Run(int which, IEnumerable<string> arguments, byte[]? stdin = null)
        => (which == 0 ? daemons.Docker.Docker(arguments, stdin) : daemons.Tare.Docker(arguments, stdin)).Ok().Stdout;

    private List<string> Export(int which, string container)
    {
        string file = $"{daemons.Docker.Root.Folder}/export{which}.tar";
        Run(which, ["export", "-o", file, container]);
        List<string> lines = [];
        using FileStream stream = File.OpenRead(file);
        using TarReader reader = new(stream);
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            string name = entry.Name.TrimEnd('/') + (entry.EntryType == TarEntryType.Directory ? "/" : "");
            if (Array.Exists(s_marks, mark => name == mark || (mark is "dev/" && name.StartsWith(mark, StringComparison.Ordinal))))
            {
                continue;
            }

            string content = entry.DataStream is { } data ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(data)) : "";
            // Docker's archives have whole seconds, and directories that were written to have the time of that.
            string time = entry.EntryType == TarEntryType.Directory ? "" : entry.ModificationTime.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            string link = entry.EntryType is TarEntryType.HardLink or TarEntryType.SymbolicLink ? entry.LinkName : "";
            string attributes = entry is PaxTarEntry pax && pax.ExtendedAttributes.TryGetValue("SCHILY.xattr.security.capability", out string? capability)
                ? Convert.ToHexString(Encoding.UTF8.GetBytes(capability)) : "";
            lines.Add($"{name} {entry.EntryType} {Convert.ToString((int)entry.Mode & 0xFFF, 8)} {entry.Uid}:{entry.Gid} {time} {link} {attributes} {content}");
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }
}
