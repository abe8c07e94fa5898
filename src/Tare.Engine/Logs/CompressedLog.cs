using System.IO.Compression;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tare.Engine.Logs;

/// <summary>
/// The form of compressed log files: an empty member whose file name (RFC 1952, FNAME) is the identity of the file that was compressed, then its content as a second member.
/// gzip(1) and zcat(1) read it like any other.
/// </summary>
internal static class CompressedLog
{
    /// <summary>What a compressed file's name ends in.</summary>
    public const string Suffix = ".gz";

    // magic, deflate, FNAME, no time, no extra flags, unknown system
    private static readonly byte[] s_head = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0xff];

    // an empty last block, checksum and length of nothing
    private static readonly byte[] s_nothing = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Compresses a file into a new one, which is on the disk when this returns.</summary>
    public static void Write(SafeFileHandle source, LogIdentity identity, string target)
    {
        using FileStream output = new(target, FileMode.Create, FileAccess.Write);
        output.Write(s_head);
        output.Write(Encoding.ASCII.GetBytes(identity + "\0"));
        output.Write(s_nothing);
        using (GZipStream packed = new(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] buffer = new byte[64 << 10];
            long position = 0;
            int count;
            while ((count = RandomAccess.Read(source, buffer, position)) > 0)
            {
                packed.Write(buffer.AsSpan(0, count));
                position += count;
            }
        }

        output.Flush(flushToDisk: true);
    }

    /// <summary>The identity in a file's head; null when there is no such file, or it is another program's.</summary>
    public static LogIdentity? TryReadIdentity(string path)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path);
            return ReadIdentity(handle);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The identity in a file's head; null when it has none.</summary>
    public static LogIdentity? ReadIdentity(SafeFileHandle handle)
    {
        Span<byte> head = stackalloc byte[64];
        head = head[..RandomAccess.Read(handle, head, 0)];
        if (!head.StartsWith(s_head))
        {
            return null;
        }

        ReadOnlySpan<byte> name = head[s_head.Length..];
        int end = name.IndexOf((byte)0);
        return end > 0 && LogIdentity.TryParse(Encoding.ASCII.GetString(name[..end]), out LogIdentity identity) ? identity : null;
    }
}
