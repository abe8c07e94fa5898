using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Runtime.Checkpoint;

/// <summary>The mount table of a process (proc_pid_mountinfo(5)), and which of its mounts stands at a path.</summary>
internal sealed class ContainerMounts
{
    private readonly string _root;
    private readonly Dictionary<string, string> _byId = [];
    private readonly Dictionary<string, string> _fileSystems = [];

    private ContainerMounts(string root, string table)
    {
        _root = root;
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // 1000 980 0:29 / /sys/fs/cgroup/cpu ro,nosuid - cgroup cgroup rw,cpu
            string[] fields = line.Split(' ', 6);
            if (fields.Length == 6)
            {
                _byId[fields[0]] = CgroupHierarchies.Unescape(fields[4]);
                _fileSystems[_byId[fields[0]]] = fields[2];
            }
        }
    }

    /// <summary>All mount points, in the order of the table.</summary>
    public IEnumerable<string> Points => _byId.Values;

    /// <summary>The file system of the topmost mount on a mount point, as its device number; null without one.</summary>
    public string? FileSystemOf(string point) => _fileSystems.GetValueOrDefault(point);

    /// <summary>Reads the table of a process.</summary>
    /// <exception cref="LinuxException">There is no such process.</exception>
    public static ContainerMounts Of(int pid)
        => new(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root"), CgroupFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/mountinfo")));

    /// <summary>Reads this process's own.</summary>
    public static ContainerMounts OfSelf() => new("/", CgroupFile.Read("/proc/thread-self/mountinfo"));

    /// <summary>The mount point that a path leads to; null when no mount's root is there. Links on the way are followed inside the root.</summary>
    /// <param name="path">The path as configured.</param>
    /// <param name="directory">Whether a directory is there.</param>
    public unsafe string? PointAt(string path, out bool directory)
    {
        directory = false;
        SafeFileHandle handle;
        try
        {
            handle = ConfinedFile.Open(_root, path, Libc.O_PATH);
        }
        catch (LinuxException)
        {
            return null; // removed by the container itself
        }

        using (handle)
        {
            Libc.statx_t status;
            int descriptor = (int)handle.DangerousGetHandle();
            if (Libc.statx(descriptor, "", Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) != 0 || (status.stx_attributes & Libc.STATX_ATTR_MOUNT_ROOT) == 0)
            {
                return null;
            }

            directory = (status.stx_mode & Libc.S_IFMT) == (int)FileType.Directory;
            return _byId.GetValueOrDefault(MountIdOf(descriptor));
        }
    }

    // The line "mnt_id:\t1000" (proc_pid_fdinfo(5)).
    private static string MountIdOf(int descriptor)
    {
        string text = CgroupFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fdinfo/{descriptor}"));
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("mnt_id:", StringComparison.Ordinal))
            {
                return line["mnt_id:".Length..].Trim();
            }
        }

        return "";
    }
}
