using Tare.Linux.Mounts;

namespace Tare.Linux.Quota;

/// <summary>Finds what a file system is mounted from (proc_pid_mountinfo(5)).</summary>
internal static class MountedDevice
{
    /// <summary>The block device of the file system that a folder is on; null when it has none.</summary>
    public static string? Find(string folder) => DeviceOf(MountEntry.Of(folder));

    internal static string? Find(IEnumerable<string> mountInfo, string path) => DeviceOf(MountEntry.Find(mountInfo, path));

    private static string? DeviceOf(MountEntry? mount) => mount?.Source is { } source && source.StartsWith('/') ? source : null;
}
