using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

/// <summary>
/// A descriptor that becomes readable when a group runs out of memory: an eventfd on memory.oom_control (version 1, memory.rst section 9)
/// or an inotify watch on memory.events (version 2). Ask <see cref="Cgroup.OutOfMemoryKills"/> what happened.
/// </summary>
public sealed unsafe class OutOfMemoryWatch : IDisposable
{
    private const int EventFdFlags = 0x80800; // EFD_CLOEXEC | EFD_NONBLOCK
    private const int Modified = 2; // IN_MODIFY
    private const int KillAttempts = 20;
    private const int KillPauseMilliseconds = 10;

    private static readonly bool s_arm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private OutOfMemoryWatch(SafeFileHandle descriptor) => Descriptor = descriptor;

    /// <summary>Readable, without blocking, after an event.</summary>
    public SafeFileHandle Descriptor { get; }

    /// <summary>Watches a group; null when it has no memory controller or the kernel has no such notification.</summary>
    public static OutOfMemoryWatch? TryOpen(Cgroup cgroup)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        return cgroup.Find("memory") is not { } memory ? null
            : memory.Hierarchy.IsUnified ? OpenUnified(memory)
            : OpenLegacy(memory);
    }

    /// <summary>Takes what has been announced, so that the descriptor waits for the next event.</summary>
    public void Clear()
    {
        byte* buffer = stackalloc byte[512];
        while (Libc.read((int)Descriptor.DangerousGetHandle(), buffer, 512) > 0)
        {
        }
    }

    /// <summary>
    /// How many processes of the group were killed, asked for after an event. Version 1 announces that memory is short before anything is killed (memory.rst,
    /// section 10), so that the number is waited for, a fifth of a second at most: not every announcement is followed by a kill.
    /// </summary>
    /// <param name="cgroup">The group that is watched.</param>
    /// <param name="before">The number before the event.</param>
    public static long KillsAfterEvent(Cgroup cgroup, long before)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        long now = cgroup.OutOfMemoryKills();
        for (int attempt = 0; now <= before && attempt < KillAttempts && cgroup.Find("memory") is { Hierarchy.IsUnified: false }; attempt++)
        {
            CgroupFile.Pause(KillPauseMilliseconds);
            now = cgroup.OutOfMemoryKills();
        }

        return now;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private static OutOfMemoryWatch? OpenLegacy(CgroupDirectory memory)
    {
        int events = (int)Libc.Syscall(s_arm64 ? 19 : 290, 0, EventFdFlags); // eventfd2
        if (events < 0)
        {
            return null;
        }

        OutOfMemoryWatch watch = new(new SafeFileHandle(events, ownsHandle: true));
        int control = CgroupFile.Open(memory["memory.oom_control"], Libc.O_RDONLY);
        Errno errno = control < 0 ? Errno.ENOENT : CgroupFile.TryWrite(memory["cgroup.event_control"], FormattableString.Invariant($"{events} {control}"));
        _ = control < 0 ? 0 : Libc.close(control);
        if (errno == Errno.None)
        {
            return watch;
        }

        watch.Dispose();
        return null;
    }

    private static OutOfMemoryWatch? OpenUnified(CgroupDirectory memory)
    {
        int notify = (int)Libc.Syscall(s_arm64 ? 26 : 294, EventFdFlags); // inotify_init1, whose flags have the same values
        if (notify < 0)
        {
            return null;
        }

        OutOfMemoryWatch watch = new(new SafeFileHandle(notify, ownsHandle: true));
        byte[] path = System.Text.Encoding.UTF8.GetBytes(memory["memory.events"] + '\0');
        nint added;
        fixed (byte* start = path)
        {
            added = Libc.Syscall(s_arm64 ? 27 : 254, notify, (nint)start, Modified); // inotify_add_watch
        }

        if (added >= 0)
        {
            return watch;
        }

        watch.Dispose();
        return null;
    }
}
