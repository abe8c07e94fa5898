using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Where a file has space on the disk already (FS_IOC_FIEMAP, Documentation/filesystems/fiemap.rst), written to or not.</summary>
public static unsafe class FileExtents
{
    private const int ExtentsAtATime = 32;
    private const uint LastExtent = 1; // FIEMAP_EXTENT_LAST
    private const long MapExtents = 0xC020660B; // FS_IOC_FIEMAP

    /// <summary>How much of a range, from its start on, a write may cover when it may take a number of bytes of new space at most.</summary>
    /// <param name="fd">The file.</param>
    /// <param name="offset">Start of the range.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="budget">Bytes of new space.</param>
    /// <param name="blockSize">The unit in which the file system gives space.</param>
    /// <returns>Bytes, <paramref name="length"/> at most; 0 when not even the first block has room.</returns>
    public static long Affordable(int fd, long offset, long length, long budget, int blockSize)
    {
        long end = offset + length;
        long limit = RoundUp(end, blockSize);
        long position = offset / blockSize * blockSize;
        while (position < limit)
        {
            (long start, long stop) = NextAllocated(fd, position, limit);
            long hole = RoundDown(Math.Min(start, limit), blockSize) - position;
            if (hole > budget)
            {
                return Math.Clamp(position + RoundDown(budget, blockSize) - offset, 0, length);
            }

            budget -= Math.Max(hole, 0);
            position = Math.Max(RoundUp(Math.Min(stop, limit), blockSize), position + blockSize);
        }

        return length;
    }

    private static long RoundDown(long value, int unit) => value / unit * unit;

    private static long RoundUp(long value, int unit) => (value + unit - 1) / unit * unit;

    // The first stretch with space that ends behind the position; (limit, limit) without one.
    private static (long Start, long End) NextAllocated(int fd, long position, long limit)
    {
        byte* buffer = stackalloc byte[sizeof(Map) + (ExtentsAtATime * sizeof(Extent))];
        Map* map = (Map*)buffer;
        *map = new Map { Start = (ulong)position, Length = (ulong)(limit - position), ExtentCount = ExtentsAtATime };
        if (Libc.Syscall(Syscalls.Ioctl, fd, unchecked((nint)MapExtents), (nint)buffer) != 0)
        {
            return ByData(fd, position, limit);
        }

        Extent* extents = (Extent*)(buffer + sizeof(Map));
        long start = limit;
        long end = limit;
        for (uint i = 0; i < map->MappedExtents; i++)
        {
            long from = (long)extents[i].Logical;
            if (i == 0)
            {
                (start, end) = (from, from + (long)extents[i].Length);
            }
            else if (from == end)
            {
                end += (long)extents[i].Length;
            }
            else
            {
                break;
            }

            if ((extents[i].Flags & LastExtent) != 0)
            {
                break;
            }
        }

        return (start, end);
    }

    // For file systems without maps of extents (tmpfs): there, what is allocated is data.
    private static (long Start, long End) ByData(int fd, long position, long limit)
    {
        long start = Libc.lseek(fd, position, Libc.SEEK_DATA);
        if (start < 0)
        {
            return (limit, limit);
        }

        long end = Libc.lseek(fd, start, Libc.SEEK_HOLE);
        return (start, end < 0 ? limit : end);
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Map
    {
        public ulong Start;
        public ulong Length;
        public uint Flags;
        public uint MappedExtents;
        public uint ExtentCount;
        public uint Reserved;
    }

    [StructLayout(LayoutKind.Sequential, Size = 56)]
    internal struct Extent
    {
        public ulong Logical;
        public ulong Physical;
        public ulong Length;
        public ulong Reserved1;
        public ulong Reserved2;
        public uint Flags;
    }
}
