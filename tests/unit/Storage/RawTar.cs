using System.Globalization;
using System.Text;

namespace Tare.UnitTests.Storage;

/// <summary>Makes archives byte by byte, for what no writer makes: GNU's sparse files, binary numbers, broken headers.</summary>
internal sealed class RawTar
{
    private readonly MemoryStream _stream = new();

    /// <summary>Adds a header, and content after it; header bytes may be changed before the checksum is made.</summary>
    public RawTar Entry(string name, char type, byte[]? content = null, Action<byte[]>? change = null)
    {
        byte[] header = new byte[512];
        Put(header, 0, name);
        Put(header, 100, "0000644");
        Put(header, 108, "0000000");
        Put(header, 116, "0000000");
        Octal(header, 124, 12, content?.Length ?? 0);
        Octal(header, 136, 12, 0);
        header[156] = (byte)type;
        Put(header, 257, "ustar\0" + "00");
        change?.Invoke(header);
        header.AsSpan(148, 8).Fill((byte)' ');
        Octal(header, 148, 7, header.Sum(value => value));
        return Bytes(header).Padded(content ?? []);
    }

    /// <summary>Adds a pax header with these records.</summary>
    public RawTar Pax(params (string Key, string Value)[] records)
    {
        StringBuilder text = new();
        foreach ((string key, string value) in records)
        {
            int rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
            int length = rest + 1;
            while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
            {
                length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
            }

            text.Append(CultureInfo.InvariantCulture, $"{length} {key}={value}\n");
        }

        return Entry("pax", 'x', Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Adds bytes as they are.</summary>
    public RawTar Bytes(byte[] bytes)
    {
        _stream.Write(bytes);
        return this;
    }

    /// <summary>The archive, with its end.</summary>
    public byte[] ToArray() => [.. _stream.ToArray(), .. new byte[1024]];

    /// <summary>Writes a text into a header.</summary>
    public static void Put(byte[] header, int offset, string text) => Encoding.Latin1.GetBytes(text, header.AsSpan(offset));

    /// <summary>Writes a number into a header's field, octal and ended by a zero.</summary>
    public static void Octal(byte[] header, int offset, int length, long value)
        => Put(header, offset, Convert.ToString(value, 8).PadLeft(length - 1, '0') + "\0");

    private RawTar Padded(byte[] content) => Bytes(content).Bytes(new byte[(512 - (content.Length % 512)) % 512]);
}
