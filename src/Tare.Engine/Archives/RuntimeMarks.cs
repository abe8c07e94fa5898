using Tare.Linux.Files;

namespace Tare.Engine.Archives;

/// <summary>
/// What the start of a container leaves in its writable layer where its image has nothing: the empty places that the file systems of the kernel and the files of its network are
/// mounted on. They are no changes that the container made (dockerd hides them in a layer of their own).
/// </summary>
internal static class RuntimeMarks
{
    private static readonly HashSet<string> s_directories = ["dev", "dev/pts", "dev/shm", "dev/mqueue", "proc", "sys", "sys/fs", "sys/fs/cgroup"];
    private static readonly HashSet<string> s_files = ["etc/resolv.conf", "etc/hosts", "etc/hostname", "dev/console"];

    /// <summary>Whether an entry is such a place.</summary>
    /// <param name="path">Its path, without a slash before.</param>
    /// <param name="status">What it is.</param>
    public static bool Contains(string path, FileStatus status) => status.Type switch
    {
        FileType.Directory => s_directories.Contains(path),
        FileType.Regular => status.SizeBytes == 0 && s_files.Contains(path),
        _ => false,
    };
}
