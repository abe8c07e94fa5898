namespace Tare.Runtime.Plan;

/// <summary>The container's directory in one cgroup hierarchy.</summary>
/// <param name="Name">Name below /sys/fs/cgroup inside the container: <c>cpu,cpuacct</c>, <c>systemd</c>, <c>unified</c>.</param>
/// <param name="Directory">The directory outside.</param>
/// <param name="Controllers">The controllers of a version 1 hierarchy, as mount options name them.</param>
/// <param name="IsUnified">Whether it is version 2.</param>
internal sealed record CgroupView(string Name, string Directory, IReadOnlyList<string> Controllers, bool IsUnified)
{
    /// <summary>The file by which a process with one thread moves itself here.</summary>
    /// <remarks>
    /// Writing 0 to <c>cgroup.procs</c> takes the kernel's lock over all thread groups, which waits for an RCU grace period: 10 ms and more on a
    /// busy machine. A thread that moves only itself by version 1's <c>tasks</c> needs no such lock (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
    /// </remarks>
    public string JoinFile => Directory + (IsUnified ? "/cgroup.procs" : "/tasks");
}
