using System.Globalization;
using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

// What happens to the processes of a group, and its end.
public sealed partial class Cgroup
{
    private const int DeleteAttempts = 60;
    private const int FreezeAttempts = 500;

    /// <summary>Pids of all processes in the group and in groups below it, in no order.</summary>
    public IReadOnlyList<int> Processes()
    {
        List<int> found = [];
        if (ProcessDirectory is { } directory)
        {
            Collect(directory.Path, found);
        }

        return found;
    }

    /// <summary>
    /// Kills every process of the group and of groups below it, frozen ones too: by cgroup.kill (kernel 5.14) where the group has a unified
    /// directory, else in a loop until none is left. Returns when the signals are sent, or the group is gone; not when the processes have ended.
    /// </summary>
    public void KillAll()
    {
        bool atOnce = Unified is { } unified && CgroupFile.TryWrite(unified["cgroup.kill"], "1") == Errno.None;

        // A process frozen by version 1 does not die of the signal, and keeps its pid namespace alive.
        Thaw();
        for (int round = 0; !atOnce && round < 10; round++)
        {
            IReadOnlyList<int> processes = Processes();
            if (processes.Count == 0)
            {
                return;
            }

            foreach (int pid in processes)
            {
                _ = Libc.kill(pid, Libc.SIGKILL);
            }
        }
    }

    /// <summary>Sends a signal to every process of the group and of groups below it.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Signal(int signal)
    {
        if (signal == Libc.SIGKILL)
        {
            bool any = Processes().Count > 0;
            KillAll();
            return any;
        }

        bool sent = false;
        foreach (int pid in Processes())
        {
            sent |= Libc.kill(pid, signal) == 0;
        }

        return sent;
    }

    /// <summary>Stops all processes until <see cref="Thaw"/>. Returns when they stand still.</summary>
    /// <exception cref="CgroupException">There is no freezer, or the processes do not stand still within some seconds; they are thawed then.</exception>
    public void Freeze()
    {
        CgroupDirectory directory = FreezerDirectory ?? throw new CgroupException("freeze: no cgroup hierarchy that is mounted here and writable can freeze");
        bool unified = directory.Hierarchy.IsUnified;
        string file = unified ? "cgroup.freeze" : "freezer.state";
        for (int attempt = 0; attempt < FreezeAttempts; attempt++)
        {
            // Version 1 gives up on tasks that fork meanwhile until it is told again, and hangs in FREEZING until a thaw now and then.
            if (!unified && attempt % 50 == 49)
            {
                _ = CgroupFile.TryWrite(directory[file], "THAWED");
            }

            Errno errno = attempt == 0 || !unified ? CgroupFile.TryWrite(directory[file], unified ? "1" : "FROZEN") : Errno.None;
            if (errno is not (Errno.None or Errno.EBUSY))
            {
                throw new CgroupException($"freeze cgroup \"{directory.Path}\": {Describe(errno)}", new LinuxException(errno, "write", directory[file]));
            }

            if (IsFrozen)
            {
                return;
            }

            CgroupFile.Pause(attempt < 20 ? 1 : 10);
        }

        Thaw();
        throw new CgroupException($"freeze cgroup \"{directory.Path}\": its processes did not stand still");
    }

    /// <summary>Lets the processes go on. Does nothing where there is no freezer or no group.</summary>
    public void Thaw()
    {
        if (FreezerDirectory is { } directory)
        {
            _ = CgroupFile.TryWrite(directory[directory.Hierarchy.IsUnified ? "cgroup.freeze" : "freezer.state"], directory.Hierarchy.IsUnified ? "0" : "THAWED");
        }
    }

    /// <summary>Whether the processes stand still.</summary>
    public bool IsFrozen => FreezerDirectory is { } directory
        && (directory.Hierarchy.IsUnified
            ? CgroupFile.TryRead(directory["cgroup.events"]) is { } events && CgroupFile.FieldOf(events, "frozen") == 1
            : CgroupFile.TryRead(directory["freezer.state"])?.Trim() == "FROZEN");

    /// <summary>
    /// Removes the group and groups below it. Processes that are still dying are waited for (a second at most); the group's parents stay.
    /// A group that is gone already is no error.
    /// </summary>
    /// <exception cref="CgroupException">Processes are left in it.</exception>
    public void Delete()
    {
        CgroupException? first = null;
        foreach (CgroupDirectory directory in _directories)
        {
            Errno errno = Remove(directory.Path);
            for (int attempt = 0; errno == Errno.EBUSY && attempt < DeleteAttempts; attempt++)
            {
                CgroupFile.Pause(attempt < 10 ? 1 : 20);
                errno = Remove(directory.Path);
            }

            if (errno is not (Errno.None or Errno.ENOENT))
            {
                first ??= new CgroupException($"remove cgroup \"{directory.Path}\": {Describe(errno)}", new LinuxException(errno, "rmdir", directory.Path));
            }
        }

        if (first is not null)
        {
            throw first;
        }
    }

    private CgroupDirectory? ProcessDirectory => Unified ?? Find("freezer") ?? Find("pids") ?? (_directories.Count > 0 ? _directories[0] : null);

    private CgroupDirectory? FreezerDirectory => Find("freezer") ?? Unified;

    private static void Collect(string directory, List<int> found)
    {
        if (CgroupFile.TryRead(directory + "/cgroup.procs") is not { } text)
        {
            return;
        }

        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            // 0 stands for a process of a pid namespace that cannot be seen from here.
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0)
            {
                found.Add(pid);
            }
        }

        foreach (string child in Children(directory))
        {
            Collect(child, found);
        }
    }

    private static Errno Remove(string directory)
    {
        if (Libc.rmdir(directory) == 0)
        {
            return Errno.None;
        }

        Errno errno = (Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        if (errno != Errno.EBUSY)
        {
            return errno;
        }

        string[] children = Children(directory);
        foreach (string child in children)
        {
            _ = Remove(child);
        }

        return children.Length == 0 || Libc.rmdir(directory) == 0
            ? (children.Length == 0 ? errno : Errno.None)
            : (Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
    }

    private static string[] Children(string directory)
    {
        try
        {
            return Directory.GetDirectories(directory);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
