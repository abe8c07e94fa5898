using Tare.Linux.Cgroups;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Containers;

/// <summary>Cgroup directories as the plan needs them.</summary>
internal static class CgroupViews
{
    /// <summary>One directory. Inside the container the hierarchy has the name that it has outside.</summary>
    public static CgroupView Of(CgroupDirectory directory)
        => new(Path.GetFileName(directory.Hierarchy.MountPoint), directory.Path, directory.Hierarchy.Controllers, directory.Hierarchy.IsUnified);
}
