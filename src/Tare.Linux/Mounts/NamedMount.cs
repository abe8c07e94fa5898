using Tare.Linux.Interop;

namespace Tare.Linux.Mounts;

/// <summary>Mounts with a name in this process's own tree, described as in fstab(5): for what must outlive one container and be the same for several.</summary>
public static class NamedMount
{
    // sys/mount.h; the sign tells whether the option sets or clears the flag.
    private static readonly Dictionary<string, (nuint Flag, bool Sets)> s_flags = new(StringComparer.Ordinal)
    {
        ["defaults"] = (0, true),
        ["ro"] = (1, true),
        ["rw"] = (1, false),
        ["nosuid"] = (2, true),
        ["suid"] = (2, false),
        ["nodev"] = (4, true),
        ["dev"] = (4, false),
        ["noexec"] = (8, true),
        ["exec"] = (8, false),
        ["sync"] = (16, true),
        ["async"] = (16, false),
        ["remount"] = (32, true),
        ["mand"] = (64, true),
        ["nomand"] = (64, false),
        ["dirsync"] = (128, true),
        ["noatime"] = (1024, true),
        ["atime"] = (1024, false),
        ["nodiratime"] = (2048, true),
        ["diratime"] = (2048, false),
        ["bind"] = (Bind, true),
        ["rbind"] = (Bind | Recursive, true),
        ["relatime"] = (1 << 21, true),
        ["norelatime"] = (1 << 21, false),
        ["strictatime"] = (1 << 24, true),
        ["nostrictatime"] = (1 << 24, false),
        ["lazytime"] = (1 << 25, true),
    };

    private const nuint Bind = 4096;
    private const nuint Recursive = 16384;
    private const nuint ReadOnly = 1;
    private const nuint Remount = 32;

    /// <summary>Takes flags and data of a list of options apart.</summary>
    /// <param name="options">Options separated by commas.</param>
    /// <returns>The flags of mount(2), and what is left for the file system.</returns>
    public static (nuint Flags, string Data) Parse(string options)
    {
        ArgumentNullException.ThrowIfNull(options);
        nuint flags = 0;
        List<string> data = [];
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!s_flags.TryGetValue(option, out (nuint Flag, bool Sets) known))
            {
                data.Add(option);
            }
            else
            {
                flags = known.Sets ? flags | known.Flag : flags & ~known.Flag;
            }
        }

        return (flags, string.Join(',', data));
    }

    /// <summary>Mounts.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    /// <param name="type">Kind of the file system; <c>none</c> or empty for a bind mount.</param>
    /// <param name="source">Device, path or server.</param>
    /// <param name="target">Where.</param>
    /// <param name="options">Options separated by commas.</param>
    public static void Make(string type, string source, string target, string options)
    {
        (nuint flags, string data) = Parse(options);
        if (Libc.mount(source, target, type.Length == 0 ? null : type, flags, data.Length == 0 ? null : data) != 0)
        {
            throw LinuxException.Last("mount", target);
        }

        // A bind mount takes no other flags in the first call (mount(2)).
        if ((flags & Bind) != 0 && (flags & ReadOnly) != 0 && Libc.mount("", target, null, flags | Remount, null) != 0)
        {
            LinuxException failure = LinuxException.Last("mount", target);
            _ = Libc.umount2(target, Libc.MNT_DETACH);
            throw failure;
        }
    }

    /// <summary>Takes a mount away; false when there was none.</summary>
    public static bool Remove(string target) => Libc.umount2(target, Libc.MNT_DETACH) == 0;

    /// <summary>Whether something is mounted at a path.</summary>
    public static bool IsMountPoint(string target) =>
        File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ') is { Length: > 4 } fields && fields[4] == target);
}
