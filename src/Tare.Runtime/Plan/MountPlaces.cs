using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>
/// Where mounts may go. Below /proc only over files that nothing relies on to be the kernel's: what stands there otherwise is asked by programs, and
/// by the security modules, about the process itself (CVE-2019-16884).
/// </summary>
internal static class MountPlaces
{
    // As runc: what lxcfs and the like replace.
    private static readonly string[] s_allowed =
    [
        "cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled",
    ];

    /// <summary>Checks a mount's destination.</summary>
    /// <exception cref="ArgumentException">It lies below /proc, would put another file system in the place of proc, or would hide the root.</exception>
    public static void Check(Mount mount)
    {
        string place = Path.GetFullPath(mount.Destination, "/");
        if (place == "/")
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": it would hide the container's root");
        }

        if (place == "/proc" && mount.Type != "proc" && Path.GetFullPath(mount.Source ?? "", "/") != "/proc")
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": only proc may be mounted there, or /proc be bound to it");
        }

        const string Proc = "/proc/";
        if (place.StartsWith(Proc, StringComparison.Ordinal) && !Array.Exists(s_allowed, name => place[Proc.Length..] == name))
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": it lies inside /proc");
        }
    }
}
