using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>An exclusive lock on a folder (flock(2)) that programs agree upon; it ends with its holder at the latest.</summary>
public sealed class FolderLock : IDisposable
{
    private readonly int _folder;

    private FolderLock(int folder) => _folder = folder;

    /// <summary>Waits for the lock of a folder; null when there is no such folder, or the kernel refuses (errno tells why).</summary>
    public static FolderLock? TryTake(string path)
    {
        int folder = Libc.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (folder < 0)
        {
            return null;
        }

        if (Libc.flock(folder, Libc.LOCK_EX) == 0)
        {
            return new FolderLock(folder);
        }

        _ = Libc.close(folder);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.close(_folder);
}
