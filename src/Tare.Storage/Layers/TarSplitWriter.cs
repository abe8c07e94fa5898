using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>
/// Remembers what an archive has besides the contents of its files, so that the very same bytes can be written again from the tree that it was unpacked to:
/// <code>
/// tar-split      zstd; records of: 0, length, bytes                      what stands in the archive
///                                  1, length, path, offset, length       content of a file of the tree
/// tar-moved      lines of number of records before, place, path          files that later entries replaced
/// replaced/N     these
/// </code>
/// Numbers are LEB128. Sits between the archive and its reader as a stream. Used by one thread.
/// </summary>
internal sealed class TarSplitWriter : ForwardStream
{
    /// <summary>File of the records.</summary>
    public const string RecordsName = "tar-split";

    /// <summary>File of what was replaced.</summary>
    public const string MovedName = "tar-moved";

    /// <summary>Folder of what was replaced.</summary>
    public const string ReplacedName = "replaced";

    /// <summary>A record of bytes.</summary>
    public const byte Bytes = 0;

    /// <summary>A record of a file's content.</summary>
    public const byte Content = 1;

    private const int RawSize = 64 * 1024;
    private readonly Stream _archive;
    private readonly string _folder;
    private readonly ZstdSharp.CompressionStream _records;
    private readonly byte[] _raw = new byte[RawSize];
    private readonly StringBuilder _moved = new();
    private int _rawLength;
    private int _recordCount;
    private int _replacedCount;
    private long _contentLeft;
    private SafeFileHandle? _replaced;

    /// <summary>Begins.</summary>
    /// <param name="archive">The archive. Not closed.</param>
    /// <param name="folder">The layer's folder, which gets the files.</param>
    public TarSplitWriter(Stream archive, string folder)
    {
        _archive = archive;
        _folder = folder;
        _records = new ZstdSharp.CompressionStream(new FileStream(Path.Combine(folder, RecordsName), FileMode.CreateNew, FileAccess.Write), level: 3, leaveOpen: false);
    }

    /// <summary>Says that the next bytes are a file's content.</summary>
    /// <param name="path">Where the file is in the tree.</param>
    /// <param name="offset">Where in the file they belong.</param>
    /// <param name="length">How many they are.</param>
    public void BeginContent(string path, long offset, long length)
    {
        if (length == 0)
        {
            return;
        }

        FlushRaw();
        byte[] name = FileNames.Encode(path);
        _records.WriteByte(Content);
        WriteNumber(name.Length - 1);
        _records.Write(name, 0, name.Length - 1);
        WriteNumber(offset);
        WriteNumber(length);
        _recordCount++;
        _contentLeft = length;
    }

    /// <summary>Moves what a later entry replaces out of the tree.</summary>
    /// <param name="parent">Its directory.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="path">Where it is in the tree.</param>
    /// <exception cref="LinuxException">It cannot be moved.</exception>
    public void Replace(SafeFileHandle parent, string name, string path)
    {
        FlushRaw();
        _replaced ??= OpenReplaced();
        string place = _replacedCount++.ToString(CultureInfo.InvariantCulture);
        if (Libc.renameat((int)parent.DangerousGetHandle(), name, (int)_replaced.DangerousGetHandle(), place) != 0)
        {
            throw LinuxException.Last("rename", path);
        }

        _moved.Append(CultureInfo.InvariantCulture, $"{_recordCount} {place} {Convert.ToBase64String(FileNames.Encode(path).AsSpan()[..^1])}\n");
    }

    /// <summary>Writes everything out; the archive must have been read to its end.</summary>
    public void Finish()
    {
        FlushRaw();
        _records.Dispose();
        if (_moved.Length > 0)
        {
            File.WriteAllText(Path.Combine(_folder, MovedName), _moved.ToString());
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = _archive.Read(buffer);
        ReadOnlySpan<byte> rest = buffer[..read];
        int content = (int)Math.Min(_contentLeft, read);
        _contentLeft -= content;
        rest = rest[content..];
        while (!rest.IsEmpty)
        {
            if (_rawLength == RawSize)
            {
                FlushRaw();
            }

            int part = Math.Min(RawSize - _rawLength, rest.Length);
            rest[..part].CopyTo(_raw.AsSpan(_rawLength));
            _rawLength += part;
            rest = rest[part..];
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _records.Dispose();
        _replaced?.Dispose();
        base.Dispose(disposing);
    }

    private SafeFileHandle OpenReplaced()
    {
        string path = Directory.CreateDirectory(Path.Combine(_folder, ReplacedName)).FullName;
        int fd = Libc.open(path, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last("open", path);
    }

    private void FlushRaw()
    {
        if (_rawLength > 0)
        {
            _records.WriteByte(Bytes);
            WriteNumber(_rawLength);
            _records.Write(_raw, 0, _rawLength);
            _rawLength = 0;
            _recordCount++;
        }
    }

    private void WriteNumber(long value)
    {
        while (value >= 0x80)
        {
            _records.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _records.WriteByte((byte)value);
    }
}
