namespace Tare.Storage.Archives;

/// <summary>What a file of an image archive is.</summary>
internal enum FileKind
{
    /// <summary>Something else: a document, mostly.</summary>
    Document,

    /// <summary>A layer, uncompressed.</summary>
    Archive,

    /// <summary>A layer, compressed.</summary>
    CompressedArchive,
}

/// <summary>Tells layers from documents by their first block.</summary>
internal static class FileKinds
{
    private const int BlockSize = 512;

    /// <summary>What a file is.</summary>
    /// <param name="start">Its first block, or all of it when it is shorter.</param>
    /// <param name="size">Its size in bytes.</param>
    public static FileKind Of(ReadOnlySpan<byte> start, long size)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) || start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
            || start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) || start.StartsWith("BZh"u8))
        {
            return FileKind.CompressedArchive;
        }

        bool isTar = start.Length == BlockSize && (start[257..262].SequenceEqual("ustar"u8) || (size % BlockSize == 0 && (HasSum(start) || !start.ContainsAnyExcept((byte)0))));
        return isTar ? FileKind.Archive : FileKind.Document;
    }

    // A header of the oldest tar format has nothing but its sum to be known by.
    private static bool HasSum(ReadOnlySpan<byte> block)
    {
        int sum = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            sum += i is >= 148 and < 156 ? (byte)' ' : block[i];
        }

        int written = 0;
        foreach (byte digit in block[148..156].Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            written = (written << 3) | (digit - '0');
        }

        return written == sum;
    }
}
