namespace Tare.Engine.Machine;

/// <summary>What this machine's kernel offers for limits; read once at the start. What is missing is discarded with a warning, as Docker does.</summary>
internal sealed record MachineFacts
{
    /// <summary>1 or 2; a hybrid machine, whose controllers sit in v1 hierarchies, counts as 1.</summary>
    public required int CgroupVersion { get; init; }

    /// <summary>Whether memory can be limited.</summary>
    public bool Memory { get; init; }

    /// <summary>Whether swap can be limited.</summary>
    public bool Swap { get; init; }

    /// <summary>Whether the tendency to swap can be set (v1 only).</summary>
    public bool Swappiness { get; init; }

    /// <summary>Whether the OOM killer can be kept away (v1 only).</summary>
    public bool OomKillDisable { get; init; }

    /// <summary>Whether the number of tasks can be limited.</summary>
    public bool Pids { get; init; }

    /// <summary>Whether CPU weights can be set.</summary>
    public bool CpuShares { get; init; }

    /// <summary>Whether CPU time can be limited.</summary>
    public bool CpuQuota { get; init; }

    /// <summary>Whether real-time CPU time can be given out (v1 only).</summary>
    public bool CpuRealtime { get; init; }

    /// <summary>Whether CPUs can be chosen.</summary>
    public bool CpuSet { get; init; }

    /// <summary>Whether block I/O weights can be set.</summary>
    public bool BlkioWeight { get; init; }

    /// <summary>Whether block I/O can be throttled.</summary>
    public bool BlkioThrottle { get; init; }

    /// <summary>Number of processors.</summary>
    public int Cpus { get; init; } = Environment.ProcessorCount;

    /// <summary>The processors that may be used, as a list.</summary>
    public string AvailableCpus { get; init; } = "";

    /// <summary>The memory nodes that may be used, as a list.</summary>
    public string AvailableMems { get; init; } = "";

    /// <summary>Whether processes are confined by AppArmor.</summary>
    public bool AppArmor { get; init; }

    /// <summary>Whether a mount can be made read-only with all that is mounted below it (mount_setattr, Linux 5.12).</summary>
    public bool RecursiveReadOnly { get; init; } = Environment.OSVersion.Version >= new Version(5, 12);

    /// <summary>Reads the facts.</summary>
    /// <param name="root">Folder that stands for <c>/</c>: empty on a real machine, a folder of captured files in tests.</param>
    public static MachineFacts Read(string root = "")
    {
        string cgroup = root + "/sys/fs/cgroup";
        bool unified = File.Exists(cgroup + "/cgroup.controllers");
        MachineFacts facts = unified ? ReadUnified(cgroup) : ReadLegacy(cgroup);
        return facts with
        {
            AvailableCpus = ReadText(root + "/sys/devices/system/cpu/online"),
            AvailableMems = ReadText(root + "/sys/devices/system/node/online") is { Length: > 0 } nodes ? nodes : "0",
            AppArmor = HasAppArmor(root),
        };
    }

    /// <summary>Whether the kernel has AppArmor switched on, and lets this machine (not a container on it) say what it confines.</summary>
    /// <param name="root">As for <see cref="Read"/>.</param>
    public static bool HasAppArmor(string root) => ReadText(root + "/sys/module/apparmor/parameters/enabled") == "Y" && Directory.Exists(root + "/sys/kernel/security/apparmor");

    private static MachineFacts ReadUnified(string cgroup)
    {
        string[] controllers = ReadText(cgroup + "/cgroup.controllers").Split(' ');
        bool io = controllers.Contains("io");
        return new MachineFacts
        {
            CgroupVersion = 2,
            Memory = controllers.Contains("memory"),
            Swap = controllers.Contains("memory") && File.Exists("/proc/swaps"),
            Pids = controllers.Contains("pids"),
            CpuShares = controllers.Contains("cpu"),
            CpuQuota = controllers.Contains("cpu"),
            CpuSet = controllers.Contains("cpuset"),
            BlkioWeight = io,
            BlkioThrottle = io,
        };
    }

    private static MachineFacts ReadLegacy(string cgroup) => new()
    {
        CgroupVersion = 1,
        Memory = File.Exists(cgroup + "/memory/memory.limit_in_bytes"),
        Swap = File.Exists(cgroup + "/memory/memory.memsw.limit_in_bytes"),
        Swappiness = File.Exists(cgroup + "/memory/memory.swappiness"),
        OomKillDisable = File.Exists(cgroup + "/memory/memory.oom_control"),
        Pids = Directory.Exists(cgroup + "/pids"),
        CpuShares = File.Exists(cgroup + "/cpu/cpu.shares"),
        CpuQuota = File.Exists(cgroup + "/cpu/cpu.cfs_quota_us"),
        CpuRealtime = File.Exists(cgroup + "/cpu/cpu.rt_runtime_us"),
        CpuSet = File.Exists(cgroup + "/cpuset/cpuset.cpus"),
        BlkioWeight = File.Exists(cgroup + "/blkio/blkio.weight") || File.Exists(cgroup + "/blkio/blkio.bfq.weight"),
        BlkioThrottle = File.Exists(cgroup + "/blkio/blkio.throttle.read_bps_device"),
    };

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}
