namespace Tare.Linux.Cgroups;

/// <summary>A mounted cgroup hierarchy.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Controllers">
/// Its controllers: for version 1 those of the mount, or <c>name=systemd</c> and the like for one without; for version 2 what the root's
/// <c>cgroup.controllers</c> lists.
/// </param>
/// <param name="IsUnified">Whether it is version 2.</param>
public sealed record CgroupHierarchy(string MountPoint, IReadOnlyList<string> Controllers, bool IsUnified);
