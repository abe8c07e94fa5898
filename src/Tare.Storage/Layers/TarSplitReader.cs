using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>
/// The archive of a layer, written again from its tree by what <see cref="TarSplitWriter"/> remembered. Whoever reads it compares the digest at its end: a tree that was
/// changed gives another one.
/// </summary>
internal sealed class TarSplitReader : ForwardStream
{
    private readonly Stream _records;
    private readonly ConfinedRoot _tree;
    private readonly ConfinedRoot? _replaced;
    private readonly List<(int Before, string Place, string Path)> _moved = [];
    private SafeFileHandle? _file;
    private string? _filePath;
    private bool _isRaw;
    private int _record;
    private long _offset;
    private long _left;

    /// <summary>Opens the archive of a layer.</summary>
    /// <param name="folder">The layer's folder.</param>
    /// <exception cref="StorageException">Missing: nothing was remembered of it.</exception>
    public TarSplitReader(string folder)
    {
        try
        {
            _records = new ZstdSharp.DecompressionStream(new FileStream(Path.Combine(folder, TarSplitWriter.RecordsName), FileMode.Open, FileAccess.Read), leaveOpen: false);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException(StorageErrorKind.Missing, $"the layer in \"{folder}\" cannot be written as an archive: how it was is not known", failure);
        }

        _tree = ConfinedRoot.Open(Path.Combine(folder, "diff"));
        string moved = Path.Combine(folder, TarSplitWriter.MovedName);
        if (!File.Exists(moved))
        {
            return;
        }

        _replaced = ConfinedRoot.Open(Path.Combine(folder, TarSplitWriter.ReplacedName));
        foreach (string line in File.ReadLines(moved))
        {
            string[] parts = line.Split(' ');
            _moved.Add((int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], FileNames.Decode(Convert.FromBase64String(parts[2]))));
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || (_left == 0 && !NextRecord()))
        {
            return 0;
        }

        Span<byte> room = buffer[..(int)Math.Min(buffer.Length, _left)];
        int read = _isRaw ? _records.Read(room) : RandomAccess.Read(_file!, room, _offset);
        if (read == 0)
        {
            throw new StorageException(_isRaw ? "a layer's record of its archive ends early" : $"\"/{_filePath}\" of a layer is shorter than its archive says");
        }

        _left -= read;
        _offset += read;
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        _records.Dispose();
        _tree.Dispose();
        _replaced?.Dispose();
        base.Dispose(disposing);
    }

    private bool NextRecord()
    {
        int kind = _records.ReadByte();
        if (kind < 0)
        {
            return false;
        }

        _isRaw = kind == TarSplitWriter.Bytes;
        if (!_isRaw)
        {
            byte[] name = new byte[ReadNumber()];
            _records.ReadExactly(name);
            OpenFile(FileNames.Decode(name));
            _offset = ReadNumber();
        }

        _left = ReadNumber();
        _record++;
        return true;
    }

    private void OpenFile(string path)
    {
        _file?.Dispose();
        _filePath = path;
        (ConfinedRoot root, string place) = Locate(path);
        _file = root.TryOpenInside(place, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK)
            ?? throw new StorageException($"\"/{path}\" of a layer cannot be read", LinuxException.Last("openat2", path));
    }

    private (ConfinedRoot Root, string Place) Locate(string path)
    {
        foreach ((int before, string place, string moved) in _moved)
        {
            if (_record < before && (path == moved || path.StartsWith(moved + "/", StringComparison.Ordinal)))
            {
                return (_replaced!, place + path[moved.Length..]);
            }
        }

        return (_tree, path);
    }

    private long ReadNumber()
    {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            int part = _records.ReadByte();
            value |= (long)(part & 0x7F) << shift;
            if (part is >= 0 and < 0x80)
            {
                return value;
            }

            if (part < 0)
            {
                break;
            }
        }

        throw new StorageException("a layer's record of its archive is damaged");
    }
}
