using System.Buffers.Binary;
using System.Globalization;
using System.Text;

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

            entry.Path = longName ?? entry.Path;
            entry.LinkTarget = longLink ?? entry.LinkTarget;
            Apply(entry, _global);
            Apply(entry, records);
            _contentLeft = entry.Type == '0' ? entry.Size : 0;
            _padding = Padding(_contentLeft);
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
            DeviceMajor = (uint)Number(329, 8),
            DeviceMinor = (uint)Number(337, 8),
        };
        if (entry.Type == '0' && entry.Path.EndsWith('/'))
        {
            entry.Type = '5'; // how the oldest archives write directories
        }

        return entry.Size >= 0 ? entry : throw new StorageException($"tar entry \"{entry.Path}\" has a negative size");
    }

    private void CheckSum()
    {
        long sum = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            sum += i is >= 148 and < 156 ? ' ' : _block[i];
        }

        if (sum != Number(148, 8))
        {
            throw new StorageException("archive/tar: invalid tar header");
        }
    }

    // Octal digits, or GNU's binary form when the first bit is set.
    private long Number(int start, int length)
    {
        ReadOnlySpan<byte> field = _block.AsSpan(start, length);
        if ((field[0] & 0x80) != 0)
        {
            return length == 12 ? BinaryPrimitives.ReadInt64BigEndian(field[4..]) : BinaryPrimitives.ReadUInt32BigEndian(field[4..]);
        }

        long value = 0;
        foreach (byte digit in field)
        {
            if (digit is >= (byte)'0' and <= (byte)'7')
            {
                value = (value << 3) | (long)(digit - '0');
            }
            else if (digit is not ((byte)' ' or 0))
            {
                throw new StorageException("archive/tar: invalid tar header");
            }
        }

        return value;
    }

    private byte[] ReadHeaderData(long size)
    {
        if (size > MaximumHeaderData)
        {
            throw new StorageException($"a tar header of {size} bytes is longer than {MaximumHeaderData}");
        }

        byte[] data = new byte[size + Padding(size)];
        return stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) == data.Length ? data[..(int)size] : throw Truncated();
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

            records[Encoding.UTF8.GetString(record[..equals])] = record[(equals + 1)..].ToArray();
            rest = rest[length..];
        }

        return records;
    }

    private static void Apply(TarEntry entry, Dictionary<string, byte[]>? records)
    {
        const string Attribute = "SCHILY.xattr.";
        foreach ((string key, byte[] value) in records ?? [])
        {
            switch (key)
            {
                case "path":
                    entry.Path = Encoding.UTF8.GetString(value);
                    break;
                case "linkpath":
                    entry.LinkTarget = Encoding.UTF8.GetString(value);
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
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
