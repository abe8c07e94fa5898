using System.Globalization;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>Writes the id maps of a new user namespace (user_namespaces(7)).</summary>
internal static class IdMaps
{
    /// <summary>Writes both maps.</summary>
    /// <exception cref="RuntimeException">The kernel refuses: ranges overlap, or are not this user's to give.</exception>
    public static void Write(int pid, LinuxSpec linux)
    {
        Write(pid, "uid_map", linux.UidMappings ?? []);
        Write(pid, "gid_map", linux.GidMappings ?? []);
    }

    private static void Write(int pid, string file, List<IdMapping> maps)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}");
        string text = string.Concat(maps.Select(map => string.Create(CultureInfo.InvariantCulture, $"{map.ContainerId} {map.HostId} {map.Size}\n")));
        Errno errno = CgroupFile.TryWrite(path, text);
        if (errno != Errno.None)
        {
            throw new RuntimeException(ErrorKind.Step, $"write {file} of the user namespace: {errno} ({errno.Describe()})", errno);
        }
    }
}
