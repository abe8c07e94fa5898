using System.Buffers.Text;
using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>
/// Gives back memory that a waiting process only holds because it once ran: pages of its program that stand unchanged in the page cache. They come
/// back by a minor fault when they are needed again.
/// </summary>
public static unsafe class ResidentMemory
{
    private const int DontNeed = 4; // MADV_DONTNEED, madvise(2)
    // Above malloc's threshold for mmap(2), so that freeing it leaves nothing behind.
    private const int BufferSize = 256 << 10;
    private const int MostRanges = 32;

    /// <summary>Drops the unchanged pages of read-only mappings of files (proc_pid_smaps(5)). Does nothing where /proc is not mounted.</summary>
    public static void ReleaseUnchangedFilePages()
    {
        int fd = Libc.open("/proc/self/smaps", Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            return;
        }

        byte* buffer = (byte*)NativeMemory.Alloc(BufferSize);
        int length = 0;
        nint read;
        while (length < BufferSize && (read = Libc.read(fd, buffer + length, (nuint)(BufferSize - length))) > 0)
        {
            length += (int)read;
        }

        _ = Libc.close(fd);
        nint* ranges = stackalloc nint[2 * MostRanges];
        int count = 0;
        SmapsReader mappings = new(new ReadOnlySpan<byte>(buffer, length));
        while (count < MostRanges && mappings.NextUnchanged(out ranges[2 * count], out ranges[(2 * count) + 1]))
        {
            count++;
        }

        NativeMemory.Free(buffer);
        Drop(ranges, count, Syscalls.Madvise);
    }

    // As little code as can be runs from here on: it comes back in pieces of 64 KiB (fault-around).
    private static void Drop(nint* ranges, int count, int madvise)
    {
        for (int i = 0; i < count; i++)
        {
            _ = Libc.RawSyscall(madvise, ranges[2 * i], ranges[(2 * i) + 1] - ranges[2 * i], DontNeed, 0, 0, 0);
        }
    }

    /// <summary>Reads the text of /proc/PID/smaps.</summary>
    internal ref struct SmapsReader(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        /// <summary>
        /// The next private mapping of a file that cannot be written and holds no page of its own. One that holds such a page was written to
        /// once (by relocations, or by the runtime at its start), and dropping it would lose what was written.
        /// </summary>
        public bool NextUnchanged(out nint start, out nint end)
        {
            start = end = 0;
            bool candidate = false;
            while (!_rest.IsEmpty)
            {
                int lineEnd = _rest.IndexOf((byte)'\n');
                ReadOnlySpan<byte> line = lineEnd < 0 ? _rest : _rest[..lineEnd];
                _rest = lineEnd < 0 ? [] : _rest[(lineEnd + 1)..];
                if (line.StartsWith("Anonymous:"u8))
                {
                    if (candidate && Utf8Parser.TryParse(line["Anonymous:".Length..].TrimStart((byte)' '), out long changed, out _) && changed == 0)
                    {
                        return true;
                    }

                    candidate = false;
                }
                else if (line.IndexOf((byte)'-') is > 0 and var dash && Utf8Parser.TryParse(line[..dash], out long from, out int used, 'x') && used == dash
                    && Utf8Parser.TryParse(line[(dash + 1)..], out long to, out used, 'x'))
                {
                    // 00401000-00709000 r-xp 00001000 fe:00 331651   /usr/local/bin/tare-runtime
                    ReadOnlySpan<byte> access = line[(dash + 1 + used)..].TrimStart((byte)' ');
                    candidate = access.Length > 4 && access[0] == 'r' && access[1] == '-' && access[3] == 'p' && line.IndexOf((byte)'/') > 0;
                    start = (nint)from;
                    end = (nint)to;
                }
            }

            return false;
        }
    }
}
