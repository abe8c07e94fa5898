using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

/// <summary>
/// A control group: one directory of the same path in every hierarchy. Made by <see cref="Create"/>, limited by <see cref="Apply"/>, entered
/// by <see cref="Join"/> (or on version 2 by clone3 with <see cref="OpenUnified"/>), emptied by <see cref="KillAll"/>, removed by
/// <see cref="Delete"/>. Holds no descriptors.
/// </summary>
public sealed partial class Cgroup
{
    private readonly List<CgroupDirectory> _directories;

    private Cgroup(CgroupHierarchies hierarchies, string path, List<CgroupDirectory> directories)
    {
        Hierarchies = hierarchies;
        Path = path;
        _directories = directories;
    }

    /// <summary>The hierarchies that it lives in.</summary>
    public CgroupHierarchies Hierarchies { get; }

    /// <summary>Its path below the mount points: <c>/tare/0123abcd</c>.</summary>
    public string Path { get; }

    /// <summary>Its directories.</summary>
    public IReadOnlyList<CgroupDirectory> Directories => _directories;

    /// <summary>The directory in the unified hierarchy; null without one.</summary>
    public CgroupDirectory? Unified => _directories.Find(d => d.Hierarchy.IsUnified);

    /// <summary>Names a group that exists, without looking.</summary>
    public static Cgroup Open(CgroupHierarchies hierarchies, string path)
    {
        ArgumentNullException.ThrowIfNull(hierarchies);
        string normal = Normalize(path);
        return new Cgroup(hierarchies, normal, [.. hierarchies.All.Select(h => new CgroupDirectory(h, h.MountPoint + normal))]);
    }

    /// <summary>
    /// Makes a group and its missing parents. A hierarchy that this user may not write to is left out; only a limit that needs it makes that an error.
    /// </summary>
    /// <exception cref="CgroupException">The group exists and has processes or is frozen, or a directory cannot be made. Nothing is left behind.</exception>
    /// <param name="hierarchies">Where.</param>
    /// <param name="path">The path.</param>
    /// <param name="occupied">Takes a group that has processes: systemd made it, for this container.</param>
    public static Cgroup Create(CgroupHierarchies hierarchies, string path, bool occupied = false)
        => MakeDirectories(Open(hierarchies, path), [], occupied);

    /// <summary>Makes only the unified hierarchy's directory of a group, so that a process can be born there; <see cref="CreateRest"/> makes the others.</summary>
    /// <returns>The group with that directory, or with none where this user may not make it.</returns>
    /// <exception cref="CgroupException">The group exists and has processes or is frozen, or the directory cannot be made. Nothing is left behind.</exception>
    public static Cgroup CreateUnified(CgroupHierarchies hierarchies, string path)
    {
        Cgroup cgroup = Open(hierarchies, path);
        cgroup._directories.RemoveAll(d => !d.Hierarchy.IsUnified);
        return MakeDirectories(cgroup, [], occupied: false);
    }

    /// <summary>Makes the directories that <see cref="CreateUnified"/> left out.</summary>
    /// <returns>The whole group.</returns>
    /// <exception cref="CgroupException">The group exists and has processes or is frozen, or a directory cannot be made. Of the directories of this call none is left behind.</exception>
    public Cgroup CreateRest()
    {
        Cgroup whole = Open(Hierarchies, Path);
        whole._directories.RemoveAll(d => d.Hierarchy.IsUnified);
        return MakeDirectories(whole, _directories, occupied: false);
    }

    private static Cgroup MakeDirectories(Cgroup cgroup, IReadOnlyList<CgroupDirectory> before, bool occupied)
    {
        CgroupHierarchies hierarchies = cgroup.Hierarchies;
        List<CgroupDirectory> made = [];
        foreach (CgroupDirectory directory in cgroup._directories)
        {
            Errno errno = CgroupMaker.Make(directory, cgroup.Path, occupied);
            if (errno == Errno.None)
            {
                made.Add(directory);
            }
            else if (!(errno is Errno.EACCES or Errno.EPERM or Errno.EROFS))
            {
                made.ForEach(d => _ = Libc.rmdir(d.Path));
                throw new CgroupException($"make cgroup \"{directory.Path}\": {(errno == Errno.EBUSY ? CgroupMaker.WhyInUse(directory) : null) ?? Describe(errno)}", new LinuxException(errno, "mkdir", directory.Path));
            }
        }

        cgroup._directories.RemoveAll(d => !made.Contains(d));
        cgroup._directories.AddRange(before);
        if (hierarchies.Mode == CgroupMode.V2 && cgroup.Unified is { } unified)
        {
            CgroupMaker.EnableControllers(unified, cgroup.Path, unified.Hierarchy.Controllers);
        }

        return cgroup;
    }

    /// <summary>The group that a process is in, from /proc/PID/cgroup.</summary>
    /// <exception cref="LinuxException">There is no such process.</exception>
    public static Cgroup OfProcess(CgroupHierarchies hierarchies, int pid)
    {
        ArgumentNullException.ThrowIfNull(hierarchies);
        List<CgroupDirectory> directories = [];
        string path = "/";
        foreach (string line in CgroupFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // 4:memory:/docker/abc and 0::/docker/abc
            string[] parts = line.Split(':', 3);
            CgroupHierarchy? hierarchy = parts.Length < 3 ? null
                : parts[1].Length == 0 ? hierarchies.Unified
                : hierarchies.All.FirstOrDefault(h => !h.IsUnified && h.Controllers.Contains(parts[1].Split(',')[0]));
            if (hierarchy is not null)
            {
                path = parts[2] == "/" ? path : parts[2];
                directories.Add(new CgroupDirectory(hierarchy, hierarchy.MountPoint + parts[2].TrimEnd('/')));
            }
        }

        return new Cgroup(hierarchies, path, directories);
    }

    /// <summary>The directory where a controller's files are, version 1 before version 2; null when no hierarchy has it.</summary>
    public CgroupDirectory? Find(string controller)
    {
        CgroupHierarchy? hierarchy = Hierarchies.Find(controller);
        return hierarchy is null ? null : _directories.Find(d => d.Hierarchy == hierarchy);
    }

    /// <summary>Sets limits and weights.</summary>
    /// <exception cref="CgroupException">A limit needs a controller that is missing, or the kernel does not take the value.</exception>
    public void Apply(CgroupResources resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        new CgroupWriter(this).Apply(resources);
    }

    /// <summary>Moves a process (all its threads) into the group.</summary>
    /// <param name="pid">The process; 0 is the caller.</param>
    /// <param name="exceptUnified">Leaves the unified hierarchy out: the process was born there (CLONE_INTO_CGROUP).</param>
    /// <exception cref="CgroupException">The kernel refuses, or the process does not exist.</exception>
    public void Join(int pid, bool exceptUnified = false)
    {
        string text = pid.ToString(CultureInfo.InvariantCulture);
        foreach (CgroupDirectory directory in _directories)
        {
            if (exceptUnified && directory.Hierarchy.IsUnified)
            {
                continue;
            }

            Errno errno = CgroupFile.TryWrite(directory["cgroup.procs"], text);

            // A fresh group whose parent has a load of real-time tasks, or one that is being changed, answers EINVAL or EAGAIN for a moment.
            for (int attempt = 0; errno is Errno.EAGAIN && attempt < 5; attempt++)
            {
                CgroupFile.Pause(10);
                errno = CgroupFile.TryWrite(directory["cgroup.procs"], text);
            }

            if (errno != Errno.None)
            {
                throw new CgroupException(
                    $"move process {text} into cgroup \"{directory.Path}\": {Describe(errno)}", new LinuxException(errno, "write", directory["cgroup.procs"]));
            }
        }
    }

    /// <summary>Opens the unified directory for clone3's CLONE_INTO_CGROUP (kernel 5.7); null when there is no unified hierarchy. The caller disposes it.</summary>
    /// <exception cref="LinuxException">The directory cannot be opened.</exception>
    public SafeFileHandle? OpenUnified() => Unified?.Open();

    internal static string Describe(Errno errno) => $"{errno} ({errno.Describe()})";

    private static string Normalize(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".")];
        if (parts.Length == 0 || parts.Contains(".."))
        {
            throw new CgroupException($"cgroup path \"{path}\": it must name a group below the root, without \"..\"");
        }

        return "/" + string.Join('/', parts);
    }
}
