namespace Tare.Runtime.Plan;

/// <summary>The container's directory in one cgroup hierarchy.</summary>
/// <param name="Name">Name below /sys/fs/cgroup inside the container: <c>cpu,cpuacct</c>, <c>systemd</c>, <c>unified</c>.</param>
/// <param name="Directory">The directory outside.</param>
/// <param name="Controllers">The controllers of a version 1 hierarchy, as mount options name them.</param>
/// <param name="IsUnified">Whether it is version 2.</param>
internal sealed record CgroupView(string Name, string Directory, IReadOnlyList<string> Controllers, bool IsUnified);
