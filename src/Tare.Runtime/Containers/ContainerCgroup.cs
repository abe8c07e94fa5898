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
    private readonly string _path;

    /// <summary>Names the cgroup.</summary>
    /// <exception cref="RuntimeException">The path names a systemd slice, and systemd is not to make it.</exception>
    public ContainerCgroup(CreateRequest request, SystemdUnit? unit)
    {
        _request = request;
        _bySystemd = unit is not null;
        _path = unit?.CgroupPath ?? ContainerLauncher.CgroupPathOf(request.Spec, request.Id);
        if (unit is null && _path.Count(c => c == ':') == 2)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"linux.cgroupsPath \"{_path[1..]}\" names a systemd slice, and this runtime was not told to use systemd for cgroups");
        }
    }

    /// <summary>The cgroup; null before <see cref="Make"/>.</summary>
    public Cgroup? Made { get; private set; }

    /// <summary>The cgroup, made or not.</summary>
    public Cgroup Named => Made ?? Cgroup.Open(CgroupHierarchies.Current, _path);

    /// <summary>
    /// Whether it can be made while the child already mounts what needs no cgroup, a millisecond of work with version 1's many hierarchies: they all
    /// take a new group, and the child can reach them to join by itself. On version 2 the child is born in its cgroup instead (CLONE_INTO_CGROUP).
    /// </summary>
    public bool CanBeMadeBesideTheChild
        => !_bySystemd && Libc.geteuid() == 0 && CgroupHierarchies.Current.Mode is CgroupMode.V1 or CgroupMode.Hybrid
            && _request.Spec.Linux?.Namespaces is { } namespaces && namespaces.TrueForAll(n => n.Type != "user" && string.IsNullOrEmpty(n.Path))
            && CgroupHierarchies.Current.All.All(hierarchy => IsWritable(hierarchy.MountPoint));

    /// <summary>Makes it and sets its limits.</summary>
    /// <exception cref="CgroupException">The cgroup or a limit cannot be made; nothing is left.</exception>
    public void Make()
    {
        Cgroup cgroup = Cgroup.Create(CgroupHierarchies.Current, _path, occupied: _bySystemd);
        try
        {
            if (_request.Spec.Linux?.Resources is { } resources)
            {
                CgroupResources limits = ResourcesSection.ToResources(resources);
                limits.Devices = DeviceRules.WithDefaults(limits.Devices);
                cgroup.Apply(limits);
            }

            if (CgroupOwner.Of(_request.Spec) is { } owner && Libc.geteuid() == 0)
            {
                cgroup.Delegate(owner);
            }
        }
        catch
        {
            cgroup.Delete();
            throw;
        }

        Made = cgroup;
    }

    private static unsafe bool IsWritable(string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            return Libc.Syscall(Syscalls.FaccessAt, Libc.AT_FDCWD, (nint)name, WriteAccess) == 0;
        }
    }
}
