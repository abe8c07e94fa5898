using System.Globalization;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>
/// Writes the id maps of a new user namespace (user_namespaces(7)). A user without privileges may map the own ids only, and for groups only when the
/// namespace gives setgroups(2) up; ranges of /etc/subuid and /etc/subgid are mapped by newuidmap(1) and newgidmap(1), which look them up.
/// </summary>
internal static class IdMaps
{
    private static readonly string[] s_folders = ["/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>Writes both maps.</summary>
    /// <exception cref="RuntimeException">The kernel refuses: ranges overlap, or are not this user's to give.</exception>
    public static void Write(int pid, List<IdMapping> uids, List<IdMapping> gids)
    {
        if (Libc.geteuid() == 0)
        {
            Write(pid, "uid_map", Text(uids));
            Write(pid, "gid_map", Text(gids));
            return;
        }

        if (IsOwn(uids, Libc.geteuid()))
        {
            Write(pid, "uid_map", Text(uids));
        }
        else
        {
            Help("newuidmap", pid, uids);
        }

        if (IsOwn(gids, Libc.getegid()))
        {
            Write(pid, "setgroups", "deny");
            Write(pid, "gid_map", Text(gids));
        }
        else
        {
            Help("newgidmap", pid, gids);
        }
    }

    /// <summary>Maps as the kernel reads them, one on a line.</summary>
    public static string Text(List<IdMapping> maps)
        => string.Concat(maps.Select(map => string.Create(CultureInfo.InvariantCulture, $"{map.ContainerId} {map.HostId} {map.Size}\n")));

    /// <summary>What an id inside is outside; null where the maps do not have it, or are none.</summary>
    public static uint? Outside(List<IdMapping>? maps, uint inside)
        => maps?.Find(map => inside >= map.ContainerId && inside - map.ContainerId < map.Size) is { } range ? range.HostId + (inside - range.ContainerId) : null;

    private static bool IsOwn(List<IdMapping> maps, uint id) => maps is [{ Size: 1 } only] && only.HostId == id;

    private static void Write(int pid, string file, string text)
    {
        Errno errno = CgroupFile.TryWrite(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"), text);
        if (errno != Errno.None)
        {
            throw new RuntimeException(ErrorKind.Step, $"write {file} of the user namespace: {errno} ({errno.Describe()})", errno);
        }
    }

    private static void Help(string program, int pid, List<IdMapping> maps)
    {
        string path = Array.Find(s_folders, folder => File.Exists(Path.Combine(folder, program))) is { } found
            ? Path.Combine(found, program)
            : throw new RuntimeException(ErrorKind.Invalid, $"{program} is missing: mapping more ids than one's own needs it (package uidmap), and ranges in /etc/sub{program[3..6]}");
        IEnumerable<uint> numbers = maps.SelectMany(map => new[] { map.ContainerId, map.HostId, map.Size }).Prepend((uint)pid);
        using SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest
        {
            Path = path,
            Arguments = [program, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))],
            Environment = [],
            Descriptors = [null, null, null],
        });
        if (ChildReaper.Wait(process.PidFd).ShellStatus != 0)
        {
            throw new RuntimeException(ErrorKind.Step, $"{program} does not grant {string.Join(", ", maps.Select(map => $"{map.HostId} to {map.HostId + map.Size - 1}"))}: see /etc/sub{program[3..6]}");
        }
    }
}
