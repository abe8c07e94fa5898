using System.IO.Compression;

namespace Tare.Storage.Layers;

/// <summary>Finds out how an archive is compressed by its first bytes, and undoes it.</summary>
internal static class Compression
{
    private const int MagicLength = 6;
    private const int BufferSize = 64 * 1024;

    /// <summary>A stream of the uncompressed archive. Closing it closes <paramref name="source"/>.</summary>
    /// <exception cref="StorageException">The compression is one that is not understood.</exception>
    public static Stream Decompress(Stream source)
    {
        byte[] magic = new byte[MagicLength];
        int length = source.ReadAtLeast(magic, MagicLength, throwOnEndOfStream: false);
        ReadOnlySpan<byte> start = magic.AsSpan(0, length);
        Stream whole = Rewind(source, magic, length);
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return new GZipStream(whole, CompressionMode.Decompress);
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || IsSkippableFrame(start))
        {
            return new ZstdSharp.DecompressionStream(whole, leaveOpen: false);
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            return new ProgramDecompressor("xz", whole);
        }

        return start.StartsWith("BZh"u8) ? new ProgramDecompressor("bzip2", whole) : whole;
    }

    /// <summary>The same, decompressed on a thread of its own; what is not compressed is read when it is asked for, headers of 512 bytes by the buffer.</summary>
    /// <exception cref="StorageException">The compression is one that is not understood.</exception>
    public static Stream DecompressAhead(Stream source)
    {
        Stream plain = Decompress(source);
        return IsPlain(plain, source) ? new BufferedStream(plain, BufferSize) : new ReadAheadStream(plain);
    }

    /// <summary>Whether what <see cref="Decompress"/> made of a stream is that stream's own bytes.</summary>
    public static bool IsPlain(Stream plain, Stream source) => plain is PrefixedStream || plain == source;

    // RFC 8878 section 3.1.2; pzstd begins with one.
    private static bool IsSkippableFrame(ReadOnlySpan<byte> start)
        => start.Length >= 4 && (start[0] & 0xF0) == 0x50 && start[1..4].SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]);

    private static Stream Rewind(Stream source, byte[] magic, int length)
    {
        if (source.CanSeek)
        {
            source.Seek(-length, SeekOrigin.Current);
            return source;
        }

        return new PrefixedStream(magic[..length], source);
    }
}
