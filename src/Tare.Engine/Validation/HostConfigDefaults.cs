using Tare.Engine.Containers;

namespace Tare.Engine.Validation;

/// <summary>Fills in what a request left open, with dockerd's defaults, before anything is checked or stored.</summary>
internal static class HostConfigDefaults
{
    private static readonly string[] s_maskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] s_readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>Completes a host configuration in place.</summary>
    /// <param name="host">The request's; changed.</param>
    /// <param name="cgroupVersion">1 or 2.</param>
    /// <param name="options">The engine's set-up, for the log driver.</param>
    public static void Apply(HostConfig host, int cgroupVersion, TareEngineOptions options)
    {
        if (host.NetworkMode is "" or "default")
        {
            host.NetworkMode = "bridge";
        }

        if (host.ShmSize == 0)
        {
            host.ShmSize = options.DefaultShmSizeBytes;
        }

        if (host.IpcMode.Length == 0)
        {
            host.IpcMode = options.DefaultIpcMode;
        }

        if (host.CgroupnsMode.Length == 0)
        {
            host.CgroupnsMode = options.DefaultCgroupnsMode ?? (cgroupVersion == 2 && !host.Privileged ? "private" : "host");
        }

        host.LogConfig = WithDefaults(host.LogConfig ?? new LogConfig(), options);
        host.RestartPolicy ??= new RestartPolicy();
        if (host.RestartPolicy.Name.Length == 0)
        {
            host.RestartPolicy.Name = "no";
        }

        if (string.IsNullOrEmpty(host.Runtime))
        {
            host.Runtime = "runc";
        }

        ApplyResources(host);
        ApplyPaths(host);
        ApplyLabels(host);
    }

    /// <summary>The daemon's options are those of its driver: they complete a container's that has the same one, or names none.</summary>
    private static LogConfig WithDefaults(LogConfig log, TareEngineOptions options)
    {
        Dictionary<string, string> config = new(log.Config ?? []);
        if (log.Type.Length == 0 || log.Type == options.LogDriver)
        {
            foreach ((string name, string value) in options.LogOptions)
            {
                config.TryAdd(name, value);
            }
        }

        return new LogConfig { Type = log.Type.Length == 0 ? options.LogDriver : log.Type, Config = config };
    }

    private static void ApplyResources(HostConfig host)
    {
        host.OomKillDisable ??= false;
        if (host.Memory > 0 && host.MemorySwap == 0)
        {
            host.MemorySwap = host.Memory * 2;
        }

        if (host.PidsLimit is 0 or < 0)
        {
            host.PidsLimit = null;
        }

        if (host.MemorySwappiness == -1)
        {
            host.MemorySwappiness = null;
        }
    }

    private static void ApplyPaths(HostConfig host)
    {
        if (host.Privileged)
        {
            return;
        }

        bool open = host.SecurityOpt?.Exists(o => o is "systempaths=unconfined" or "systempaths:unconfined") ?? false;
        host.MaskedPaths ??= open ? [] : [.. s_maskedPaths];
        host.ReadonlyPaths ??= open ? [] : [.. s_readonlyPaths];
    }

    /// <summary>Who shares the host's processes cannot have a label of its own; dockerd says so in the document, on kernels without SELinux too.</summary>
    private static void ApplyLabels(HostConfig host)
    {
        bool labelled = host.SecurityOpt?.Exists(o => o.Split('=')[0] == "label") ?? false;
        if (!labelled && (host.Privileged || host.IpcMode == "host" || host.PidMode == "host"))
        {
            host.SecurityOpt = [.. host.SecurityOpt ?? [], "label=disable"];
        }
    }
}
