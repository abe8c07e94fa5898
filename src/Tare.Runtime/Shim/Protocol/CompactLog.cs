using System.Buffers.Binary;

namespace Tare.Runtime.Shim.Protocol;

/// <summary>
/// Tare's compact log format: the length stands on both sides of an entry, so that it can be read from either end.
/// <code>
/// u32  length of flags, time and text, little-endian
/// u8   flags: 1 error output, 2 a line feed ends the text (it is not stored)
/// i64  nanoseconds since 1970, little-endian
/// …    text
/// u32  the length again
/// </code>
/// </summary>
public static class CompactLog
{
    /// <summary>Bytes of an entry beside its text.</summary>
    public const int Overhead = LengthSize + HeadSize + LengthSize;

    /// <summary>The longest text: a longer line is cut into several entries.</summary>
    public const int LongestText = 16 << 10;

    private const int LengthSize = 4;
    private const int HeadSize = 1 + 8;
    private const byte ErrorFlag = 1;
    private const byte WholeFlag = 2;

    /// <summary>Writes an entry.</summary>
    /// <param name="target">At least <see cref="Overhead"/> and the text's bytes.</param>
    /// <param name="text">The line without its line feed.</param>
    /// <param name="isWhole">Whether a line feed ends it.</param>
    /// <param name="isError">Whether it is error output.</param>
    /// <param name="time">When it was read.</param>
    public static void Write(Span<byte> target, ReadOnlySpan<byte> text, bool isWhole, bool isError, DateTimeOffset time)
    {
        int length = HeadSize + text.Length;
        BinaryPrimitives.WriteInt32LittleEndian(target, length);
        target[LengthSize] = (byte)((isError ? ErrorFlag : 0) | (isWhole ? WholeFlag : 0));
        BinaryPrimitives.WriteInt64LittleEndian(target[(LengthSize + 1)..], (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        text.CopyTo(target[(LengthSize + HeadSize)..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[(LengthSize + length)..], length);
    }

    /// <summary>Length of the entry that begins here, both lengths included; 0 when it is not whole, -1 when this is no entry.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < LengthSize)
        {
            return 0;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < HeadSize or > HeadSize + LongestText)
        {
            return -1;
        }

        int all = length + (2 * LengthSize);
        return bytes.Length < all ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes[(all - LengthSize)..]) == length ? all : -1;
    }

    /// <summary>Length of the entry that ends here, both lengths included; 0 when this is no end of one.</summary>
    public static int LengthBefore(ReadOnlySpan<byte> lastBytes)
    {
        int length = lastBytes.Length < LengthSize ? 0 : BinaryPrimitives.ReadInt32LittleEndian(lastBytes[^LengthSize..]);
        return length is < HeadSize or > HeadSize + LongestText ? 0 : length + (2 * LengthSize);
    }

    /// <summary>Takes an entry apart.</summary>
    /// <param name="entry">A whole entry, as <see cref="LengthOf"/> measured it.</param>
    /// <param name="isWhole">Whether a line feed ends the text.</param>
    /// <param name="isError">Whether it is error output.</param>
    /// <param name="time">When it was read.</param>
    /// <returns>The text.</returns>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> entry, out bool isWhole, out bool isError, out DateTimeOffset time)
    {
        byte flags = entry[LengthSize];
        isWhole = (flags & WholeFlag) != 0;
        isError = (flags & ErrorFlag) != 0;
        time = DateTimeOffset.UnixEpoch.AddTicks(BinaryPrimitives.ReadInt64LittleEndian(entry[(LengthSize + 1)..]) / TimeSpan.NanosecondsPerTick);
        return entry[(LengthSize + HeadSize)..^LengthSize];
    }
}
