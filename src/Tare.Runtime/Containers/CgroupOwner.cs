using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>Whom a container's cgroup belongs to (config-linux.md, Cgroup ownership).</summary>
internal static class CgroupOwner
{
    /// <summary>
    /// The user outside who executes the container's process, when the container has a cgroup namespace of its own and mounts its cgroup writable;
    /// else, and when that is root, null: the cgroup stays as it is.
    /// </summary>
    public static uint? Of(RuntimeSpec spec)
    {
        if (spec.Linux is not { } linux || spec.Process is not { } process
            || !(linux.Namespaces?.Exists(entry => entry.Type == "cgroup" && string.IsNullOrEmpty(entry.Path)) ?? false)
            || !(spec.Mounts?.Exists(IsWritableCgroup) ?? false))
        {
            return null;
        }

        uint inside = process.User.Uid;
        if (!linux.Namespaces.Exists(entry => entry.Type == "user"))
        {
            return inside == 0 ? null : inside;
        }

        return IdMaps.Outside(linux.UidMappings, inside) is { } outside and not 0 ? outside : null;
    }

    private static bool IsWritableCgroup(Mount mount)
        => mount.Type is "cgroup" or "cgroup2" && mount.Options?.FindLast(option => option is "ro" or "rw") != "ro";
}
