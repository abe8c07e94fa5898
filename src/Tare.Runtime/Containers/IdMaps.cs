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
    public static void Write(int pid, List<IdMapping> uids, List<IdMapping> gids)
    {
        Write(pid, "uid_map", uids);
        Write(pid, "gid_map", gids);
    }

    /// <summary>Maps as the kernel reads them, one on a line.</summary>
    public static string Text(List<IdMapping> maps)
        => string.Concat(maps.Select(map => string.Create(CultureInfo.InvariantCulture, $"{map.ContainerId} {map.HostId} {map.Size}\n")));

    private static void Write(int pid, string file, List<IdMapping> maps)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}");
        Errno errno = CgroupFile.TryWrite(path, Text(maps));
        if (errno != Errno.None)
        {
            throw new RuntimeException(ErrorKind.Step, $"write {file} of the user namespace: {errno} ({errno.Describe()})", errno);
        }
    }
}
