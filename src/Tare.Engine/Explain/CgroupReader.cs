using System.Globalization;
using Tare.Engine.Machine;

namespace Tare.Engine.Explain;

/// <summary>Reads the control groups of a process and the limits in force (Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst).</summary>
internal static class CgroupReader
{
    /// <summary>A v1 limit at or above this means none: the kernel rounds the largest number down to a page.</summary>
    private const long NoMemoryLimit = long.MaxValue - (1 << 20);

    private static readonly (string Controller, string Name, string File)[] s_limits =
    [
        ("memory", "memory", "memory.limit_in_bytes"),
        ("memory", "memory and swap", "memory.memsw.limit_in_bytes"),
        ("memory", "memory reservation", "memory.soft_limit_in_bytes"),
        ("cpu", "cpu time per period", "cpu.cfs_quota_us"),
        ("cpu", "cpu period", "cpu.cfs_period_us"),
        ("cpu", "cpu weight", "cpu.shares"),
        ("cpuset", "cpus", "cpuset.cpus"),
        ("cpuset", "memory nodes", "cpuset.mems"),
        ("pids", "tasks", "pids.max"),
        ("blkio", "block I/O weight", "blkio.bfq.weight"),
        ("blkio", "block read bytes per second", "blkio.throttle.read_bps_device"),
        ("blkio", "block write bytes per second", "blkio.throttle.write_bps_device"),
        ("unified", "memory", "memory.max"),
        ("unified", "swap", "memory.swap.max"),
        ("unified", "memory reservation", "memory.low"),
        ("unified", "cpu time", "cpu.max"),
        ("unified", "cpu weight", "cpu.weight"),
        ("unified", "cpus", "cpuset.cpus"),
        ("unified", "memory nodes", "cpuset.mems"),
        ("unified", "tasks", "pids.max"),
        ("unified", "block I/O", "io.max"),
    ];

    /// <summary>Reads the groups of a process.</summary>
    /// <param name="process">Its folder in /proc.</param>
    public static List<ExplainedCgroup> Read(string process)
    {
        List<ExplainedCgroup> groups = [];
        foreach (string line in OsRelease.ReadText(process + "/cgroup").Split('\n'))
        {
            string[] words = line.Split(':', 3);
            if (words.Length < 3)
            {
                continue;
            }

            string controller = words[1].Length == 0 ? "unified" : words[1];
            string path = FolderOf(controller) + words[2];
            if (Directory.Exists(path))
            {
                groups.Add(new ExplainedCgroup(controller, path, LimitsOf(controller, path)));
            }
        }

        return groups;
    }

    /// <summary>A value in words.</summary>
    public static string Meaning(string file, string value)
    {
        bool isNumber = long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        return file switch
        {
            _ when value.Length == 0 => "no limit",
            "pids.max" => value == "max" ? "no limit" : $"at most {value} tasks",
            "cpu.cfs_quota_us" => number < 0 ? "no limit" : $"{number} µs per period",
            "cpu.cfs_period_us" => $"{number} µs",
            "cpu.shares" => $"weight {value}, 1024 is the default",
            "cpu.weight" => $"weight {value}, 100 is the default",
            "cpu.max" => CpuMax(value),
            "cpuset.cpus" => $"may run on {value}",
            "cpuset.mems" => $"may use {value}",
            _ when value == "max" || (isNumber && number >= NoMemoryLimit) => "no limit",
            _ when file.StartsWith("memory.", StringComparison.Ordinal) && isNumber => Bytes(number),
            _ => value.Replace('\n', ';'),
        };
    }

    private static List<ExplainedLimit> LimitsOf(string controller, string path)
    {
        string[] controllers = controller.Split(',');
        List<ExplainedLimit> limits = [];
        foreach ((string owner, string name, string file) in s_limits)
        {
            if (controllers.Contains(owner) && File.Exists($"{path}/{file}"))
            {
                string value = OsRelease.ReadText($"{path}/{file}");
                limits.Add(new ExplainedLimit(name, file, value, Meaning(file, value)));
            }
        }

        return limits;
    }

    private static string FolderOf(string controller)
    {
        const string Root = "/sys/fs/cgroup";
        if (controller == "unified")
        {
            return Directory.Exists(Root + "/unified") ? Root + "/unified" : Root;
        }

        return controller.StartsWith("name=", StringComparison.Ordinal) ? $"{Root}/{controller[5..]}" : $"{Root}/{controller}";
    }

    private static string CpuMax(string value)
    {
        string[] words = value.Split(' ');
        return words is ["max", _] ? "no limit"
            : words is [string quota, string period] && double.TryParse(quota, CultureInfo.InvariantCulture, out double q) && double.TryParse(period, CultureInfo.InvariantCulture, out double p)
                ? string.Create(CultureInfo.InvariantCulture, $"{q / p:0.##} CPUs")
                : value;
    }

    private static string Bytes(long value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double size = value;
        int unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.##} {units[unit]}");
    }
}
