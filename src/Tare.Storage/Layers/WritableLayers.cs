using System.IO.Enumeration;
using Tare.Linux;
using Tare.Linux.Interop;

namespace Tare.Storage.Layers;

/// <summary>The writable layers of containers, below one folder each: <c>upper</c>, <c>work</c>, and <c>rootfs</c>, the empty place to mount on.</summary>
/// <param name="root">The folder of all containers.</param>
public sealed class WritableLayers(string root)
{
    /// <summary>Makes a container's directories.</summary>
    /// <exception cref="LinuxException">They cannot be made; what was made is removed.</exception>
    public WritableLayer Create(string containerId)
    {
        WritableLayer layer = PathsOf(containerId);
        try
        {
            Directory.CreateDirectory(layer.UpperDir);
            Directory.CreateDirectory(layer.WorkDir);
            Directory.CreateDirectory(layer.RootPath);
            OpenToAll(layer.UpperDir);
            return layer;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(containerId);
            throw;
        }
    }

    /// <summary>A container's directories, whether they are there or not.</summary>
    public WritableLayer PathsOf(string containerId)
    {
        string folder = Path.Combine(root, containerId);
        return new WritableLayer(Path.Combine(folder, "upper"), Path.Combine(folder, "work"), Path.Combine(folder, "rootfs"));
    }

    /// <summary>Removes a container's directories with all in them.</summary>
    public void Remove(string containerId)
    {
        WritableLayer layer = PathsOf(containerId);
        TreeRemover.Remove(layer.UpperDir);
        TreeRemover.Remove(layer.WorkDir);
        TreeRemover.Remove(layer.RootPath);
    }

    /// <summary>Bytes of the files in a container's writable layer. Walks it.</summary>
    public long SizeOf(string containerId)
    {
        string upper = PathsOf(containerId).UpperDir;
        EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true };
        // The container may write while its files are counted: an entry that went meanwhile counts as nothing.
        return Directory.Exists(upper)
            ? new FileSystemEnumerable<long>(upper, (ref FileSystemEntry entry) => entry.Length, all) { ShouldIncludePredicate = IsFile, ShouldRecursePredicate = IsRealDirectory }.Sum()
            : 0;
    }

    private static bool IsFile(ref FileSystemEntry entry) => !entry.IsDirectory && (entry.Attributes & FileAttributes.ReparsePoint) == 0;

    private static bool IsRealDirectory(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0;

    // The upper directory is the container's "/": its mode must not depend on this process's mask.
    private static void OpenToAll(string upper)
    {
        int fd = Libc.open(upper, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (fd < 0 || Libc.fchmod(fd, 0x1ED) != 0) // 0755
        {
            throw LinuxException.Last("chmod", upper);
        }

        _ = Libc.close(fd);
    }
}
