using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Storage.Tar;

/// <summary>
/// Writes tar archives: ustar headers, and a pax header (POSIX.1-2001) before each entry that needs one, as Go's archive/tar does in its pax format. The same
/// entries give the same bytes. What goes out is gathered in one large buffer, into which files are read directly.
/// </summary>
/// <param name="output">Gets the archive, in pieces of the buffer's size. Not closed.</param>
internal sealed class TarWriter(Stream output)
{
    /// <summary>Bytes of a header, and what contents are padded to.</summary>
    public const int BlockSize = 512;

    private const int BufferSize = 512 * 1024;
    private const int DirectSize = 64 * 1024; // less is gathered with its neighbours
    private const int NameLength = 100;
    private const int PrefixLength = 155;
    private const long LargestId = 0x1FFFFF; // seven octal digits
    private const long LargestSize = 0x1FFFFFFFF; // eleven octal digits
    private const int SeekData = 3;
    private const int SeekHole = 4;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _used;

    /// <summary>Bytes written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes an entry's headers. <see cref="TarEntry.Size"/> bytes of content must follow for a file, none for the rest.</summary>
    public void WriteHeader(TarEntry entry)
    {
        byte[] path = Bytes(entry.Path);
        byte[] link = Bytes(entry.LinkTarget);
        bool fits = TrySplit(path, out int prefix);
        List<(string Key, byte[] Value)> records = Records(entry, fits ? null : path, link);
        if (records.Count > 0)
        {
            if (prefix > 0 && fits)
            {
                // Not every reader looks at the prefix behind a pax header; Go's writer never uses both.
                fits = false;
                records.Insert(records.TakeWhile(static record => string.CompareOrdinal(record.Key, "path") < 0).Count(), ("path", path));
            }

            WriteRecords(path, records);
        }

        Span<byte> block = Block();
        path.AsSpan(fits && prefix > 0 ? prefix + 1 : 0)[..Math.Min(NameLength, fits && prefix > 0 ? path.Length - prefix - 1 : path.Length)].CopyTo(block);
        if (fits && prefix > 0)
        {
            path.AsSpan(0, prefix).CopyTo(block[345..]);
        }

        link.AsSpan(0, Math.Min(NameLength, link.Length)).CopyTo(block[157..]);
        Number(block.Slice(100, 8), entry.Mode);
        Number(block.Slice(108, 8), entry.Uid <= LargestId ? entry.Uid : 0);
        Number(block.Slice(116, 8), entry.Gid <= LargestId ? entry.Gid : 0);
        Number(block.Slice(124, 12), entry.Size <= LargestSize ? entry.Size : 0);
        Number(block.Slice(136, 12), entry.ModifiedSeconds is >= 0 and <= LargestSize ? entry.ModifiedSeconds : 0);
        Number(block.Slice(329, 8), entry.DeviceMajor);
        Number(block.Slice(337, 8), entry.DeviceMinor);
        Seal(block, entry.Type);
    }

    /// <summary>Writes content that is in memory, padded.</summary>
    public void WriteContent(ReadOnlySpan<byte> content)
    {
        long size = content.Length;
        while (!content.IsEmpty)
        {
            Span<byte> room = Room();
            int count = Math.Min(room.Length, content.Length);
            content[..count].CopyTo(room);
            Advance(count);
            content = content[count..];
        }

        Pad(size);
    }

    /// <summary>Copies content from a stream, padded.</summary>
    /// <exception cref="EndOfStreamException">The stream ends before <paramref name="size"/> bytes.</exception>
    public void WriteContent(Stream content, long size)
    {
        for (long left = size; left > 0;)
        {
            Span<byte> room = Room();
            int read = content.Read(room[..(int)Math.Min(room.Length, left)]);
            if (read <= 0)
            {
                throw new EndOfStreamException($"content ended {left} bytes before its {size}");
            }

            Advance(read);
            left -= read;
        }

        Pad(size);
    }

    /// <summary>Copies a file's content, padded. Holes are not read. A file that shrinks meanwhile is filled up with zeros, as GNU tar does.</summary>
    /// <param name="file">The file, open for reading.</param>
    /// <param name="size">Its size as its header says.</param>
    /// <param name="hasHoles">Whether it may have holes.</param>
    public void WriteFile(SafeFileHandle file, long size, bool hasHoles)
    {
        int fd = (int)file.DangerousGetHandle();
        for (long offset = 0; offset < size;)
        {
            long data = hasHoles ? Libc.lseek(fd, offset, SeekData) : offset;
            if (data < 0)
            {
                // ENXIO: only a hole is left. Where holes cannot be asked for, the whole is data.
                hasHoles = (Linux.Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Linux.Errno.ENXIO;
                data = hasHoles ? size : offset;
            }

            WriteZeros(Math.Min(data, size) - offset);
            offset = Math.Min(data, size);
            long end = hasHoles && offset < size ? Libc.lseek(fd, offset, SeekHole) : size;
            offset = CopyFile(file, offset, end > offset ? Math.Min(end, size) : size, size);
        }

        GC.KeepAlive(file);
        Pad(size);
    }

    /// <summary>Writes the archive's end, two zero blocks, and everything that is still in the buffer.</summary>
    public void Finish()
    {
        WriteZeros(2 * BlockSize);
        Flush();
    }

    /// <summary>Passes on what is in the buffer.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            output.Write(_buffer, 0, _used);
            _used = 0;
        }
    }

    private long CopyFile(SafeFileHandle file, long offset, long end, long size)
    {
        if (output is IFileOutput direct && end - offset >= DirectSize)
        {
            Flush();
            direct.SendFile(file, offset, end - offset);
            Count += end - offset;
            return end;
        }

        while (offset < end)
        {
            Span<byte> room = Room();
            int read = RandomAccess.Read(file, room[..(int)Math.Min(room.Length, end - offset)], offset);
            if (read == 0)
            {
                WriteZeros(size - offset);
                return size;
            }

            Advance(read);
            offset += read;
        }

        return offset;
    }

    private static byte[] Bytes(string text) => FileNames.Encode(text)[..^1];

    // ustar: up to 155 bytes, a slash that is not written, up to 100 bytes, all ASCII.
    private static bool TrySplit(byte[] path, out int prefix)
    {
        prefix = 0;
        if (!Ascii.IsValid(path))
        {
            return false;
        }

        if (path.Length <= NameLength)
        {
            return true;
        }

        // The slash at the end belongs to the name.
        prefix = path.AsSpan(0, Math.Min(PrefixLength + 1, path.Length - 1)).LastIndexOf((byte)'/');
        return prefix > 0 && path.Length - prefix - 1 <= NameLength;
    }

    private static List<(string Key, byte[] Value)> Records(TarEntry entry, byte[]? path, byte[] link)
    {
        List<(string Key, byte[] Value)> records = [];
        void Add(string key, string value) => records.Add((key, Encoding.ASCII.GetBytes(value)));
        foreach ((string name, byte[] value) in entry.ExtendedAttributes ?? [])
        {
            records.Add(("SCHILY.xattr." + name, value));
        }

        if (entry.Gid > LargestId)
        {
            Add("gid", entry.Gid.ToString(CultureInfo.InvariantCulture));
        }

        if (link.Length > NameLength || !Ascii.IsValid(link))
        {
            records.Add(("linkpath", link));
        }

        if (entry.ModifiedNanoseconds != 0 || entry.ModifiedSeconds is < 0 or > LargestSize)
        {
            Add("mtime", Time(entry.ModifiedSeconds, entry.ModifiedNanoseconds));
        }

        if (path is not null)
        {
            records.Add(("path", path));
        }

        if (entry.Size > LargestSize)
        {
            Add("size", entry.Size.ToString(CultureInfo.InvariantCulture));
        }

        if (entry.Uid > LargestId)
        {
            Add("uid", entry.Uid.ToString(CultureInfo.InvariantCulture));
        }

        records.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return records;
    }

    // Seconds and a fraction without zeros at its end. Times before 1970 count back: -1.5 is half a second before -1.
    private static string Time(long seconds, long nanoseconds)
    {
        if (nanoseconds == 0)
        {
            return seconds.ToString(CultureInfo.InvariantCulture);
        }

        string sign = "";
        if (seconds < 0)
        {
            (sign, seconds, nanoseconds) = ("-", -(seconds + 1), 1_000_000_000 - nanoseconds);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}.{nanoseconds:D9}").TrimEnd('0');
    }

    private void WriteRecords(byte[] path, List<(string Key, byte[] Value)> records)
    {
        using MemoryStream data = new();
        foreach ((string key, byte[] value) in records)
        {
            byte[] name = Bytes(key);
            int length = name.Length + value.Length + 3; // blank, equals sign, line feed
            int total = length + Digits(length);
            total = length + Digits(total);
            data.Write(Encoding.ASCII.GetBytes(total.ToString(CultureInfo.InvariantCulture)));
            data.WriteByte((byte)' ');
            data.Write(name);
            data.WriteByte((byte)'=');
            data.Write(value);
            data.WriteByte((byte)'\n');
        }

        Span<byte> block = Block();
        HeaderName(path).CopyTo(block);
        Number(block.Slice(100, 8), 0);
        Number(block.Slice(108, 8), 0);
        Number(block.Slice(116, 8), 0);
        Number(block.Slice(124, 12), data.Length);
        Number(block.Slice(136, 12), 0);
        Seal(block, 'x');
        WriteContent(data.GetBuffer().AsSpan(0, (int)data.Length));
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    // What a reader that knows no pax headers makes of them; the field takes ASCII only.
    private static byte[] HeaderName(byte[] path)
    {
        byte[] ascii = [.. path.Where(static b => b < 0x80)];
        ReadOnlySpan<byte> trimmed = ascii.AsSpan().TrimEnd((byte)'/');
        int slash = trimmed.LastIndexOf((byte)'/');
        byte[] name = [.. trimmed[..(slash + 1)], .. "PaxHeaders.0/"u8, .. trimmed[(slash + 1)..]];
        return name.Length <= NameLength ? name : name[..NameLength];
    }

    private static void Number(Span<byte> field, long value)
    {
        for (int i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    private static void Seal(Span<byte> block, char type)
    {
        block[156] = (byte)type;
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        block.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in block)
        {
            sum += value;
        }

        Number(block.Slice(148, 7), sum);
        block[154] = 0;
        block[155] = (byte)' ';
    }

    private Span<byte> Block()
    {
        if (BufferSize - _used < BlockSize)
        {
            Flush();
        }

        Span<byte> block = _buffer.AsSpan(_used, BlockSize);
        block.Clear();
        Advance(BlockSize);
        return block;
    }

    private Span<byte> Room()
    {
        if (_used == BufferSize)
        {
            Flush();
        }

        return _buffer.AsSpan(_used);
    }

    private void Advance(int count)
    {
        _used += count;
        Count += count;
    }

    private void Pad(long size) => WriteZeros((BlockSize - (size % BlockSize)) % BlockSize);

    private void WriteZeros(long count)
    {
        while (count > 0)
        {
            Span<byte> room = Room();
            int part = (int)Math.Min(room.Length, count);
            room[..part].Clear();
            Advance(part);
            count -= part;
        }
    }
}
