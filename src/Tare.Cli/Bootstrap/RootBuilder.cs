using System.Globalization;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Bootstrap;

/// <summary>
/// Makes a distribution's root file system from its own packages, the same bytes whenever the archive is the same: times are those of the archive's release
/// (or <c>SOURCE_DATE_EPOCH</c>), and what the machine or the moment left behind is removed.
/// </summary>
/// <param name="distribution">The release.</param>
/// <param name="folder">A folder for work; the root is made in it.</param>
internal sealed class RootBuilder(Distribution distribution, string folder)
{
    // What is made anew when it is missing, or tells of the machine that built the image.
    private static readonly string[] s_traces =
    [
        "etc/resolv.conf", "etc/hostname", "var/lib/dbus/machine-id", "var/cache/ldconfig/aux-cache", "var/cache/apt/pkgcache.bin", "var/cache/apt/srcpkgcache.bin",
        "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "var/cache/debconf/config.dat-old", "var/cache/debconf/templates.dat-old",
        "var/lib/dpkg/status-old", "var/lib/dpkg/diversions-old", "var/lib/dpkg/statoverride-old", "debootstrap",
    ];

    private static readonly string[] s_proxies = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

    private static readonly string[] s_emptied = ["var/lib/apt/lists", "var/cache/apt/archives", "var/log", "tmp", "var/tmp", "run"];

    /// <summary>The root.</summary>
    public string Root { get; } = Path.Combine(folder, "root");

    /// <summary>What the programs print.</summary>
    public string Log { get; } = Path.Combine(folder, "log");

    /// <summary>The time that all of the image bears. Known after <see cref="Build"/>.</summary>
    public DateTimeOffset Time { get; private set; }

    /// <summary>Makes it.</summary>
    /// <param name="options">What to take, and from where.</param>
    /// <param name="report">Gets a line as each step begins.</param>
    /// <exception cref="CommandException">debootstrap is missing or failed.</exception>
    public void Build(BootstrapOptions options, Action<string> report)
    {
        Tool debootstrap = Tool.Find("debootstrap");
        List<string> arguments = ["--variant=" + options.Variant, "--arch=" + options.Architecture];
        if (options.Include.Count > 0)
        {
            arguments.Add("--include=" + string.Join(',', options.Include));
        }

        List<string> environment = [.. Proxies()];
        report($"{distribution.Name}: fetching packages of {distribution.Suite} from {options.Mirror}");
        debootstrap.Run([.. arguments, "--download-only", distribution.Suite, Root, options.Mirror], environment, Log);
        Time = FixedTime() ?? ReleaseTime() ?? throw new CommandException($"{options.Mirror} does not say when {distribution.Suite} was released. hint: set SOURCE_DATE_EPOCH");
        report($"{distribution.Name}: installing {distribution.Suite} of {Time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC");
        environment.Add($"SOURCE_DATE_EPOCH={Time.ToUnixTimeSeconds()}");
        debootstrap.Run([.. arguments, distribution.Suite, Root, options.Mirror], environment, Log);
        RemoveTraces();
    }

    private static DateTimeOffset? FixedTime()
        => Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH") is { Length: > 0 } text
            ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : throw new CommandException($"SOURCE_DATE_EPOCH \"{text}\" is no number of seconds")
            : null;

    private DateTimeOffset? ReleaseTime()
        => Directory.EnumerateFiles(Path.Combine(Root, "var/lib/apt/lists"), "*Release").Order(StringComparer.Ordinal)
            .Select(static file => ReleaseFile.Date(File.ReadLines(file))).FirstOrDefault(static date => date is not null);

    private static IEnumerable<string> Proxies()
        => s_proxies.Select(static name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(static entry => !string.IsNullOrEmpty(entry.Value))
            .Select(static entry => $"{entry.Name}={entry.Value}");

    private void RemoveTraces()
    {
        foreach (string path in s_traces.Select(trace => Path.Combine(Root, trace)))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else if (new FileInfo(path) is var file && (file.Exists || file.LinkTarget is not null))
            {
                file.Delete();
            }
        }

        foreach (string folder in s_emptied.Select(name => Path.Combine(Root, name)).Where(Directory.Exists))
        {
            Empty(new DirectoryInfo(folder));
        }

        // Systemd fills an empty one at the first boot; a missing one it takes for a first boot of another kind (machine-id(5)).
        File.WriteAllBytes(Path.Combine(Root, "etc/machine-id"), []);
    }

    // Folders stay, with their owners and modes: programs count on them.
    private static void Empty(DirectoryInfo folder)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                Empty(inner);
            }
            else
            {
                entry.Delete();
            }
        }
    }
}
