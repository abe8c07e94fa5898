using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

/// <summary>The directory of a control group in one hierarchy.</summary>
/// <param name="Hierarchy">The hierarchy.</param>
/// <param name="Path">The directory.</param>
public sealed record CgroupDirectory(CgroupHierarchy Hierarchy, string Path)
{
    /// <summary>The path of a file in it.</summary>
    public string this[string file] => Path + "/" + file;

    /// <summary>Opens it for clone3's CLONE_INTO_CGROUP (kernel 5.7), which takes unified directories only. The caller disposes it.</summary>
    /// <exception cref="LinuxException">The directory cannot be opened.</exception>
    public SafeFileHandle Open()
    {
        int fd = CgroupFile.Open(Path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        return fd < 0 ? throw LinuxException.Last("open", Path) : new SafeFileHandle(fd, ownsHandle: true);
    }
}
