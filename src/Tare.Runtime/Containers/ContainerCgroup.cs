using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Runtime.Cgroups;

namespace Tare.Runtime.Containers;

/// <summary>A container's cgroup, from its name to its limits.</summary>
internal sealed class ContainerCgroup
{
    private const int WriteAccess = 2; // W_OK

    private readonly CreateRequest _request;
    private readonly bool _bySystemd;
    private bool _isWhole;

    /// <summary>Names the cgroup.</summary>
    /// <exception cref="RuntimeException">The path names a systemd slice, and systemd is not to make it.</exception>
    public ContainerCgroup(CreateRequest request, SystemdUnit? unit)
    {
        _request = request;
        _bySystemd = unit is not null;
        Path = unit?.CgroupPath ?? ContainerLauncher.CgroupPathOf(request.Spec, request.Id);
        if (unit is null && Path.Count(c => c == ':') == 2)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"linux.cgroupsPath \"{Path[1..]}\" names a systemd slice, and this runtime was not told to use systemd for cgroups");
        }
    }

    /// <summary>Its path below the mount points.</summary>
    public string Path { get; }

    /// <summary>What is made of the cgroup: null before <see cref="Make"/> and <see cref="MakeUnified"/>.</summary>
    public Cgroup? Made { get; private set; }

    /// <summary>The whole cgroup, made or not.</summary>
    public Cgroup Named => _isWhole ? Made! : Cgroup.Open(CgroupHierarchies.Current, Path);

    /// <summary>
    /// Whether version 1's many hierarchies, a millisecond of work, can be made while the child already mounts what needs no cgroup: they all take a
    /// new group, and the child can reach them to join by itself. On version 2 the child is born in its cgroup instead (CLONE_INTO_CGROUP).
    /// </summary>
    public bool CanBeMadeBesideTheChild
        => !_bySystemd && Libc.geteuid() == 0 && CgroupHierarchies.Current.Mode is CgroupMode.V1 or CgroupMode.Hybrid
            && _request.Spec.Linux?.Namespaces is { } namespaces && namespaces.TrueForAll(n => n.Type != "user" && string.IsNullOrEmpty(n.Path))
            && CgroupHierarchies.Current.All.All(hierarchy => IsWritable(hierarchy.MountPoint));

    /// <summary>Makes the directory of the unified hierarchy, if there is one, for the child to be born in; <see cref="Make"/> does the rest.</summary>
    /// <exception cref="CgroupException">It cannot be made; nothing is left.</exception>
    public void MakeUnified() => Made = Cgroup.CreateUnified(CgroupHierarchies.Current, Path);

    /// <summary>Makes it and sets its limits.</summary>
    /// <exception cref="CgroupException">The cgroup or a limit cannot be made; <see cref="Made"/> is what the caller undoes once no child is in it.</exception>
    public void Make()
    {
        Made = Made is null ? Cgroup.Create(CgroupHierarchies.Current, Path, occupied: _bySystemd) : Made.CreateRest();
        _isWhole = true;
        if (_request.Spec.Linux?.Resources is { } resources)
        {
            CgroupResources limits = ResourcesSection.ToResources(resources);
            limits.Devices = DeviceRules.WithDefaults(limits.Devices);
            Made.Apply(limits);
        }

        if (CgroupOwner.Of(_request.Spec) is { } owner && Libc.geteuid() == 0)
        {
            Made.Delegate(owner);
        }
    }

    private static unsafe bool IsWritable(string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            return Libc.Syscall(Syscalls.FaccessAt, Libc.AT_FDCWD, (nint)name, WriteAccess) == 0;
        }
    }
}
