using System.Buffers.Binary;

namespace Tare.Storage.Tar;

/// <summary>Numbers in tar headers: octal digits, or GNU's binary form when the first bit is set (GNU tar manual, appendix "Extensions").</summary>
internal static class TarNumber
{
    /// <summary>Reads a field.</summary>
    /// <param name="field">8 or 12 bytes.</param>
    /// <exception cref="StorageException">It is no number.</exception>
    public static long Parse(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            return ParseBinary(field);
        }

        long value = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value << 3) | (long)(digit - '0') : throw new StorageException("archive/tar: invalid tar header");
        }

        return value;
    }

    // Two's complement; bit 6 of the first byte is the sign.
    private static long ParseBinary(ReadOnlySpan<byte> field)
    {
        bool negative = (field[0] & 0x40) != 0;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Fill(negative ? (byte)0xFF : (byte)0);
        field.CopyTo(bytes[(16 - field.Length)..]);
        bytes[16 - field.Length] = (byte)(negative ? field[0] : field[0] & 0x3F);
        Int128 value = BinaryPrimitives.ReadInt128BigEndian(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw new StorageException("archive/tar: invalid tar header");
    }
}
