using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>
/// Counts what a tree occupies, from open directory to name and never through a link. Nobody else changes the tree meanwhile. However deep it is, a bounded number of its
/// directories is open at a time: those above are opened again by <c>..</c> on the way back.
/// </summary>
internal sealed unsafe class TreeCounter : IDisposable
{
    private const int MostOpen = 128;
    private readonly HashSet<(ulong Device, ulong Inode)> _linked = [];
    private readonly List<Level> _levels = [];
    private long _total;

    /// <summary>Bytes of a file or directory and all that is in it; 0 if it is not there.</summary>
    public long Count(int directory, ReadOnlySpan<byte> name)
    {
        _total = 0;
        fixed (byte* bytes = name)
        {
            Add(directory, bytes);
        }

        while (_levels.Count > 0)
        {
            OpenDirectory current = _levels[^1].Directory!;
            DirectoryEntry* entry = current.Current(out _);
            if (entry is null)
            {
                Ascend();
                continue;
            }

            byte* entryName = (byte*)entry + DirectoryEntry.NameOffset;
            int descriptor = current.Descriptor;
            if (!DirectoryEntry.IsDots(entryName))
            {
                Add(descriptor, entryName);
            }

            current.Advance();
            CloseFarAbove();
        }

        return _total;
    }

    /// <inheritdoc/>
    public void Dispose() => _levels.ForEach(static level => level.Directory?.Dispose());

    private void Add(int directory, byte* name)
    {
        Libc.statx_t status;
        if (Libc.statx(directory, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status) != 0)
        {
            return;
        }

        bool isDirectory = (status.stx_mode & Libc.S_IFMT) == Libc.S_IFDIR;
        if (!isDirectory && status.stx_nlink > 1 && !_linked.Add((((ulong)status.stx_dev_major << 32) | status.stx_dev_minor, status.stx_ino)))
        {
            return;
        }

        _total += ((long)status.stx_blocks * SpaceAccount.BlockBytes) + SpaceAccount.InodeBytes;
        int fd = isDirectory ? Libc.openat(directory, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0) : -1;
        if (fd >= 0)
        {
            _levels.Add(new Level { Directory = new OpenDirectory(fd) });
        }
    }

    private void CloseFarAbove()
    {
        int far = _levels.Count - 1 - MostOpen;
        if (far >= 0 && _levels[far].Directory is { } directory)
        {
            _levels[far] = new Level { Place = directory.Place };
            directory.Dispose();
        }
    }

    private void Ascend()
    {
        OpenDirectory done = _levels[^1].Directory!;
        _levels.RemoveAt(_levels.Count - 1);
        if (_levels.Count > 0 && _levels[^1].Directory is null)
        {
            byte* above = stackalloc byte[] { (byte)'.', (byte)'.', 0 };
            int fd = Libc.openat(done.Descriptor, above, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
            if (fd < 0)
            {
                done.Dispose();
                throw Linux.LinuxException.Last("openat", "..");
            }

            OpenDirectory opened = new(fd);
            opened.Seek(_levels[^1].Place);
            _levels[^1] = new Level { Directory = opened };
        }

        done.Dispose();
    }

    /// <summary>A directory on the way: open, or the place where it is read on.</summary>
    private readonly record struct Level(OpenDirectory? Directory, ulong Place);
}
