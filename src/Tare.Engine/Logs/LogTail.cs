using Microsoft.Win32.SafeHandles;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Engine.Logs;

/// <summary>Finds the last entries of a log file, reading backwards.</summary>
internal static class LogTail
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>Start of the last lines; 0, with <paramref name="count"/> lowered, when there are fewer.</summary>
    public static long OffsetOfLastLines(SafeFileHandle handle, ref int count)
    {
        byte[] chunk = new byte[ChunkBytes];
        long end = RandomAccess.GetLength(handle);
        bool last = true;
        while (end > 0)
        {
            int length = (int)Math.Min(ChunkBytes, end);
            long from = end - length;
            int read = RandomAccess.Read(handle, chunk.AsSpan(0, length), from);
            for (int i = read - 1; i >= 0; i--)
            {
                if (chunk[i] != (byte)'\n')
                {
                    last = false;
                    continue;
                }

                // The newline that ends the last line starts no line after it.
                if (!last && --count == 0)
                {
                    return from + i + 1;
                }

                last = false;
            }

            end = from;
        }

        if (RandomAccess.GetLength(handle) > 0)
        {
            count--;
        }

        return 0;
    }

    /// <summary>Start of the last compact entries; 0, with <paramref name="count"/> lowered, when there are fewer. A torn entry at the end is passed over from the start.</summary>
    public static long OffsetOfLastEntries(SafeFileHandle handle, ref int count)
    {
        byte[] chunk = new byte[ChunkBytes];
        long end = RandomAccess.GetLength(handle);
        int found = 0;
        while (end > 0 && found < count)
        {
            int length = (int)Math.Min(ChunkBytes, end);
            long from = end - length;
            int rest = RandomAccess.Read(handle, chunk.AsSpan(0, length), from);
            int entry;
            while (found < count && (entry = CompactLog.LengthBefore(chunk.AsSpan(0, rest))) > 0 && entry <= rest && CompactLog.LengthOf(chunk.AsSpan(rest - entry, entry)) == entry)
            {
                rest -= entry;
                found++;
            }

            if (from + rest == end)
            {
                // Being written just now: counted from the start instead.
                return OffsetByCounting(handle, ref count);
            }

            end = from + rest;
        }

        count -= found;
        return end;
    }

    private static long OffsetByCounting(SafeFileHandle handle, ref int count)
    {
        Queue<long> starts = new();
        using LogFile file = new(new SafeFileHandle(handle.DangerousGetHandle(), ownsHandle: false), compact: true);
        long start = 0;
        while (file.TryRead(out _))
        {
            starts.Enqueue(start);
            start = file.Offset;
            if (starts.Count > count)
            {
                starts.Dequeue();
            }
        }

        if (starts.Count == count)
        {
            count = 0;
            return starts.TryPeek(out long first) ? first : 0;
        }

        count -= starts.Count;
        return 0;
    }
}
