using System.Globalization;
using System.Text;
using Tare.Linux.Files;

namespace Tare.Storage.Tar;

/// <summary>
/// Reads tar archives from a stream: ustar, pax (POSIX.1-2001) and GNU long names. Values of pax records stay bytes, since extended attributes
/// such as security.capability are no text. Headers are limited in size, so that an archive cannot make the reader hold more than a little.
/// </summary>
/// <param name="stream">The uncompressed archive. Not closed.</param>
internal sealed class TarReader(Stream stream)
{
    private const int BlockSize = 512;
    private const int MaximumHeaderData = 1 << 20;
    private readonly byte[] _block = new byte[BlockSize];
    private readonly Dictionary<string, byte[]> _global = new(StringComparer.Ordinal);
    private long _contentLeft;
    private long _padding;

    /// <summary>The next entry; null at the archive's end. Content of the entry before that was not read is passed over.</summary>
    /// <exception cref="StorageException">The archive is damaged or ends early.</exception>
    public TarEntry? Next()
    {
        Dictionary<string, byte[]>? records = null;
        string? longName = null;
        string? longLink = null;
        while (true)
        {
            SkipContent();
            if (!ReadBlock())
            {
                return null;
            }

            TarEntry entry = ParseHeader();
            switch ((char)_block[156])
            {
                case 'x':
                    records = ParseRecords(ReadHeaderData(entry.Size));
                    continue;
                case 'g':
                    foreach ((string key, byte[] value) in ParseRecords(ReadHeaderData(entry.Size)))
                    {
                        _global[key] = value;
                    }

                    continue;
                case 'L':
                    longName = CString(ReadHeaderData(entry.Size));
                    continue;
                case 'K':
                    longLink = CString(ReadHeaderData(entry.Size));
                    continue;
            }

            bool oldSparse = entry.Type == 'S';
            entry.Path = longName ?? entry.Path;
            entry.LinkTarget = longLink ?? entry.LinkTarget;
            Apply(entry, _global);
            Apply(entry, records);
            if (entry.Path.Contains('\0', StringComparison.Ordinal) || entry.LinkTarget.Contains('\0', StringComparison.Ordinal))
            {
                throw new StorageException("archive/tar: invalid tar header");
            }

            _contentLeft = entry.Type is '0' or 'S' ? entry.Size : 0;
            _padding = Padding(_contentLeft);
            if (oldSparse)
            {
                ReadOldSparse(entry);
            }
            else if (entry.Type == '0' && records is not null)
            {
                ApplySparse(entry, records);
            }

            return entry;
        }
    }

    /// <summary>Reads content of the current entry; 0 at its end.</summary>
    /// <exception cref="StorageException">The archive ends early.</exception>
    public int Read(Span<byte> buffer)
    {
        if (_contentLeft == 0)
        {
            return 0;
        }

        int read = stream.Read(buffer[..(int)Math.Min(buffer.Length, _contentLeft)]);
        _contentLeft -= read > 0 ? read : throw Truncated();
        return read;
    }

    private static long Padding(long size) => (BlockSize - (size % BlockSize)) % BlockSize;

    private static StorageException Truncated() => new("unexpected EOF: the tar archive ends in the middle of an entry");

    private void SkipContent()
    {
        Span<byte> sink = stackalloc byte[4096];
        while (Read(sink) > 0)
        {
        }

        while (_padding > 0)
        {
            int read = stream.Read(sink[..(int)Math.Min(sink.Length, _padding)]);
            _padding -= read > 0 ? read : throw Truncated();
        }
    }

    // False at the end: two zero blocks, or a plain end of the stream between entries, which other readers take too.
    private bool ReadBlock()
    {
        for (int zero = 0; zero < 2; zero++)
        {
            int read = stream.ReadAtLeast(_block, BlockSize, throwOnEndOfStream: false);
            if (read == 0)
            {
                return false;
            }

            if (read < BlockSize)
            {
                throw Truncated();
            }

            if (_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                return true;
            }
        }

        return false;
    }

    private TarEntry ParseHeader()
    {
        CheckSum();
        string name = CString(_block.AsSpan(0, 100));
        // The prefix belongs to ustar; GNU's old format has other things there.
        bool ustar = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        string prefix = ustar ? CString(_block.AsSpan(345, 155)) : "";
        char type = (char)_block[156];
        TarEntry entry = new()
        {
            Path = prefix.Length > 0 ? prefix + "/" + name : name,
            LinkTarget = CString(_block.AsSpan(157, 100)),
            Type = type is '\0' or '7' ? '0' : type,
            Mode = (uint)Number(100, 8) & 0xFFF,
            Uid = (uint)Number(108, 8),
            Gid = (uint)Number(116, 8),
            Size = Number(124, 12),
            ModifiedSeconds = Number(136, 12),
        };
        if (entry.Type is '3' or '4')
        {
            (entry.DeviceMajor, entry.DeviceMinor) = ((uint)Number(329, 8), (uint)Number(337, 8));
        }

        if (type is '\0' or '0' && entry.Path.EndsWith('/'))
        {
            entry.Type = '5'; // how the oldest archives write directories
        }

        return entry.Size >= 0 ? entry : throw new StorageException($"tar entry \"{entry.Path}\" has a negative size");
    }

    // Some old programs took bytes as signed.
    private void CheckSum()
    {
        long sum = 0;
        long signed = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            byte value = i is >= 148 and < 156 ? (byte)' ' : _block[i];
            sum += value;
            signed += (sbyte)value;
        }

        long written = Number(148, 8);
        if (written != sum && written != signed)
        {
            throw new StorageException("archive/tar: invalid tar header");
        }
    }

    private long Number(int start, int length) => TarNumber.Parse(_block.AsSpan(start, length));

    private byte[] ReadHeaderData(long size)
    {
        if (size > MaximumHeaderData)
        {
            throw new StorageException($"a tar header of {size} bytes is longer than {MaximumHeaderData}");
        }

        byte[] data = new byte[size + Padding(size)];
        return stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) == data.Length ? data[..(int)size] : throw Truncated();
    }

    private byte[] ReadContentBlock()
    {
        byte[] block = new byte[BlockSize];
        for (int read = 0; read < BlockSize;)
        {
            int more = Read(block.AsSpan(read));
            read += more > 0 ? more : throw new StorageException("archive/tar: invalid sparse map");
        }

        return block;
    }

    // GNU's old format: four segments in the header, 21 in each block that continues it; the file's size beside them.
    private void ReadOldSparse(TarEntry entry)
    {
        List<SparseSegment> segments = [];
        SparseMap.ParseFields(_block.AsSpan(386, 96), segments);
        long fileSize = Number(483, 12);
        bool more = _block[482] != 0;
        while (more)
        {
            if (stream.ReadAtLeast(_block, BlockSize, throwOnEndOfStream: false) < BlockSize)
            {
                throw Truncated();
            }

            SparseMap.ParseFields(_block.AsSpan(0, 504), segments);
            more = _block[504] != 0;
        }

        entry.Type = '0';
        SetSparse(entry, segments, fileSize);
    }

    // pax formats 0.0 and 0.1 have the map in the records, 1.0 before the data.
    private void ApplySparse(TarEntry entry, Dictionary<string, byte[]> records)
    {
        string? Value(string key) => records.TryGetValue("GNU.sparse." + key, out byte[]? value) ? FileNames.Decode(value) : null;
        string? realSize = Value("realsize") ?? Value("size");
        if (realSize is null)
        {
            return;
        }

        entry.Path = Value("name") ?? entry.Path;
        long fileSize = ParseLong(Encoding.ASCII.GetBytes(realSize));
        if (Value("major") == "1")
        {
            SetSparse(entry, SparseMap.ReadLines(ReadContentBlock), fileSize);
        }
        else if (Value("map") is { } map)
        {
            SetSparse(entry, SparseMap.ParseList(map), fileSize);
        }
    }

    private void SetSparse(TarEntry entry, List<SparseSegment> segments, long fileSize)
    {
        SparseMap.Check(segments, fileSize, _contentLeft);
        entry.Sparse = segments;
        entry.Size = fileSize;
    }

    // pax: "LENGTH KEY=VALUE\n", the length counting the whole record.
    private static Dictionary<string, byte[]> ParseRecords(byte[] data)
    {
        Dictionary<string, byte[]> records = new(StringComparer.Ordinal);
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty)
        {
            int space = rest.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(rest[..space], CultureInfo.InvariantCulture, out int length) || length <= space + 2 || length > rest.Length || rest[length - 1] != '\n')
            {
                throw new StorageException("archive/tar: invalid pax record");
            }

            ReadOnlySpan<byte> record = rest[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
            {
                throw new StorageException("archive/tar: invalid pax record");
            }

            string key = Encoding.UTF8.GetString(record[..equals]);
            byte[] value = record[(equals + 1)..].ToArray();
            if (key is "GNU.sparse.offset" or "GNU.sparse.numbytes")
            {
                // Format 0.0 repeats the two keys, once a segment.
                key = "GNU.sparse.map";
                value = records.TryGetValue(key, out byte[]? map) ? [.. map, (byte)',', .. value] : value;
            }

            records[key] = value;
            rest = rest[length..];
        }

        return records;
    }

    private static void Apply(TarEntry entry, Dictionary<string, byte[]>? records)
    {
        const string Attribute = "SCHILY.xattr.";
        foreach ((string key, byte[] value) in records ?? [])
        {
            if (value.Length == 0 && !key.StartsWith(Attribute, StringComparison.Ordinal))
            {
                continue; // an empty value takes a record back
            }

            switch (key)
            {
                case "path":
                    entry.Path = FileNames.Decode(value);
                    break;
                case "linkpath":
                    entry.LinkTarget = FileNames.Decode(value);
                    break;
                case "size":
                    entry.Size = ParseLong(value);
                    break;
                case "uid":
                    entry.Uid = (uint)ParseLong(value);
                    break;
                case "gid":
                    entry.Gid = (uint)ParseLong(value);
                    break;
                case "mtime":
                    (entry.ModifiedSeconds, entry.ModifiedNanoseconds) = ParseTime(Encoding.ASCII.GetString(value));
                    break;
                default:
                    if (key.StartsWith(Attribute, StringComparison.Ordinal))
                    {
                        (entry.ExtendedAttributes ??= new(StringComparer.Ordinal))[key[Attribute.Length..]] = value;
                    }

                    break;
            }
        }
    }

    private static long ParseLong(byte[] value)
        => long.TryParse(value, CultureInfo.InvariantCulture, out long number) && number >= 0 ? number : throw new StorageException("archive/tar: invalid pax record");

    private static (long Seconds, long Nanoseconds) ParseTime(string text)
    {
        if (!decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal time) || Math.Abs(time) > long.MaxValue / 2)
        {
            throw new StorageException($"archive/tar: invalid time \"{text}\"");
        }

        decimal seconds = Math.Floor(time);
        return ((long)seconds, (long)((time - seconds) * 1_000_000_000m));
    }

    private static string CString(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return FileNames.Decode(end < 0 ? field : field[..end]);
    }
}
