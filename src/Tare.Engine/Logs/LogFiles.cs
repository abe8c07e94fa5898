using System.Globalization;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;

namespace Tare.Engine.Logs;

/// <summary>
/// The files of one log: <c>PATH</c>, which grows, and the older <c>PATH.1</c>, <c>PATH.2</c> … or <c>PATH.1.gz</c>, <c>PATH.2.gz</c> …. The shim renames them at any time, and
/// <see cref="LogCompressor"/> exchanges them; a file is known again by its identity, which a compressed one carries in its head.
/// </summary>
/// <param name="path">Path of the current file.</param>
/// <param name="compact">Whether they are in the compact format.</param>
internal sealed class LogFiles(string path, bool compact)
{
    /// <summary>Path of the current file.</summary>
    public string Current => path;

    /// <summary>Opens a file; null when there is none of that number.</summary>
    /// <param name="number">0 for the current one.</param>
    public LogFile? TryOpen(int number)
    {
        if (TryOpenHandle(NameOf(number)) is { } handle)
        {
            return new LogFile(handle, compact);
        }

        return number == 0 ? null : TryUnpack(NameOf(number) + CompressedLog.Suffix);
    }

    /// <summary>The identity of a file, which is not opened for it; null when there is none of that number.</summary>
    /// <param name="number">0 for the current one.</param>
    public LogIdentity? IdentityOf(int number) => FileStatus.TryGet(NameOf(number), followLink: false, out FileStatus status)
        ? LogIdentity.Of(status)
        : number == 0 ? null : CompressedLog.TryReadIdentity(NameOf(number) + CompressedLog.Suffix);

    /// <summary>Opens the file of a cursor at its place; the oldest at its beginning when that has gone; null when there is none at all.</summary>
    public LogFile? TryOpen(LogCursor cursor)
    {
        for (int number = Oldest(); number >= 0; number--)
        {
            if (TryOpen(number) is not { } file)
            {
                continue;
            }

            if (file.Identity == cursor.File)
            {
                file.Seek(cursor.Offset);
                return file;
            }

            file.Dispose();
        }

        return TryOpen(Oldest());
    }

    /// <summary>The number that a file has now; -1 when it was deleted.</summary>
    public int NumberOf(LogFile file)
    {
        if (file.CurrentPath() is { } name && NumberIn(name) is >= 0 and int number)
        {
            return number;
        }

        // A deleted one may have been compressed.
        for (int i = 1; Exists(i); i++)
        {
            if (CompressedLog.TryReadIdentity(NameOf(i) + CompressedLog.Suffix) == file.Identity)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The file that follows an older one; null while the file is the current one.</summary>
    public LogFile? Successor(LogFile file)
    {
        // One that was deleted as the oldest is followed by the oldest that is left, unless rotations went on meanwhile and took that too.
        return NumberOf(file) >= 0 ? Neighbour(file, -1) : TryOpen(Oldest());
    }

    /// <summary>Opens the file that is one older (1) or younger (-1); null when there is none.</summary>
    public LogFile? Neighbour(LogFile file, int step)
    {
        while (true)
        {
            // Where the file is now, not where it was opened: a rotation may have moved it, and may move it while the neighbour is opened.
            int number = NumberOf(file);
            LogFile? neighbour = number < 0 || number + step < 0 ? null : TryOpen(number + step);
            if (NumberOf(file) == number)
            {
                return neighbour;
            }

            neighbour?.Dispose();
        }
    }

    /// <summary>The number of the oldest file.</summary>
    public int Oldest()
    {
        int number = 0;
        while (Exists(number + 1))
        {
            number++;
        }

        return number;
    }

    /// <summary>Path of a file, uncompressed.</summary>
    public string NameOf(int number) => number == 0 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");

    private bool Exists(int number) => File.Exists(NameOf(number)) || File.Exists(NameOf(number) + CompressedLog.Suffix);

    private static SafeFileHandle? TryOpenHandle(string name)
    {
        try
        {
            return File.OpenHandle(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Unpacks a compressed file into one without a name.</summary>
    private LogFile? TryUnpack(string name)
    {
        using SafeFileHandle? packed = TryOpenHandle(name);
        if (packed is null || CompressedLog.ReadIdentity(packed) is not { } identity)
        {
            return null;
        }

        string temporary = path + "." + Guid.NewGuid().ToString("N");
        SafeFileHandle copy = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite);
        File.Delete(temporary);
        using (FileStream source = new(packed, FileAccess.Read))
        using (GZipStream unpacked = new(source, CompressionMode.Decompress))
        {
            byte[] buffer = new byte[64 << 10];
            long position = 0;
            int count;
            while ((count = unpacked.Read(buffer)) > 0)
            {
                RandomAccess.Write(copy, buffer.AsSpan(0, count), position);
                position += count;
            }
        }

        return new LogFile(copy, compact, identity);
    }

    /// <summary>The number in a file's name: 0 for the current one; -1 for a foreign one.</summary>
    private int NumberIn(string name)
    {
        if (name == path)
        {
            return 0;
        }

        return name.StartsWith(path + ".", StringComparison.Ordinal) && int.TryParse(name.AsSpan(path.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : -1;
    }
}
