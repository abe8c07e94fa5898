using System.Globalization;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim.Logs;

/// <summary>
/// Writes a container's output to its log file, cut into lines, and rotates the file: <c>PATH</c> becomes <c>PATH.1</c>, that becomes
/// <c>PATH.2</c> …, the oldest is dropped. A file that cannot be written loses entries and is said once; the container goes on.
/// </summary>
internal sealed class LogFileWriter : IDisposable
{
    /// <summary>The longest line in one entry; a longer one is continued in the next (bufSize of Docker's copier).</summary>
    public const int MaxLine = CompactLog.LongestText;

    private const string CompressedSuffix = ".gz";

    private readonly ShimLog _settings;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly Action? _rotated;
    private readonly ILogEncoder _encoder;
    private readonly ByteQueue _partialOutput = new();
    private readonly ByteQueue _partialError = new();
    private int _file = -1;
    private long _size;
    private bool _warned;

    /// <summary>Opens the file for appending, or makes it with mode 0640.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    /// <param name="settings">Where and how.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="warn">Takes what went wrong.</param>
    /// <param name="rotated">Called after a rotation.</param>
    public LogFileWriter(ShimLog settings, TimeProvider clock, Action<string> warn, Action? rotated = null)
    {
        _rotated = rotated;
        _encoder = settings.Compact ? new CompactLogEncoder() : new JsonLogEncoder(settings.Attributes);
        _settings = settings;
        _clock = clock;
        _warn = warn;
        Open();
    }

    /// <summary>Logs what a stream wrote; the last line is kept back until its end comes.</summary>
    public void Write(ReadOnlySpan<byte> bytes, bool isError)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        ByteQueue partial = isError ? _partialError : _partialOutput;
        while (!bytes.IsEmpty)
        {
            int room = MaxLine - partial.Count;
            int newline = bytes[..Math.Min(bytes.Length, room)].IndexOf((byte)'\n');
            if (newline < 0 && bytes.Length < room)
            {
                partial.Append(bytes);
                break;
            }

            // A line of exactly the buffer's size is cut before its line feed, which then makes an empty entry of its own, as in Docker.
            ReadOnlySpan<byte> piece = bytes[..(newline < 0 ? room : newline)];
            Entry(partial, piece, newline >= 0, isError, now);
            bytes = bytes[(newline < 0 ? room : newline + 1)..];
        }

        FlushEntries();
    }

    /// <summary>Logs the last line of a stream that ended without a line feed.</summary>
    public void End(bool isError)
    {
        ByteQueue partial = isError ? _partialError : _partialOutput;
        if (partial.Count > 0)
        {
            Entry(partial, [], isWhole: false, isError, _clock.GetUtcNow());
            FlushEntries();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file >= 0)
        {
            _ = Libc.close(_file);
            _file = -1;
        }
    }

    private void Entry(ByteQueue partial, ReadOnlySpan<byte> piece, bool isWhole, bool isError, DateTimeOffset now)
    {
        if (_settings.MaxSizeBytes > 0 && _size + _encoder.Bytes.Length >= _settings.MaxSizeBytes)
        {
            FlushEntries();
            Rotate();
        }

        if (partial.Count == 0)
        {
            _encoder.Add(piece, isWhole, isError, now);
            return;
        }

        partial.Append(piece);
        _encoder.Add(partial.Bytes, isWhole, isError, now);
        partial.Clear();
    }

    private void FlushEntries()
    {
        ReadOnlySpan<byte> rest = _encoder.Bytes;
        while (!rest.IsEmpty && _file >= 0)
        {
            int written = Descriptors.Write(_file, rest);
            if (written < 0)
            {
                WarnOnce(LinuxException.Last("write", _settings.Path).Message);
                break;
            }

            _size += written;
            rest = rest[written..];
        }

        _encoder.Clear();
    }

    private void Rotate()
    {
        if (_settings.MaxFiles <= 1)
        {
            if (_file >= 0 && Libc.ftruncate(_file, 0) == 0)
            {
                _size = 0;
            }

            return;
        }

        if (!TryRename())
        {
            return;
        }

        Dispose();
        try
        {
            Open();
        }
        catch (LinuxException failure)
        {
            WarnOnce(failure.Message);
        }

        _rotated?.Invoke();
    }

    // The daemon, which compresses older files, takes the same lock before it exchanges one.
    private bool TryRename()
    {
        using FolderLock? held = FolderLock.TryTake(Path.GetDirectoryName(_settings.Path)!);
        if (held is null)
        {
            WarnOnce(LinuxException.Last("flock", _settings.Path).Message);
        }

        Shift(_settings.MaxFiles - 1);
        if (Libc.rename(_settings.Path, Numbered(1)) != 0)
        {
            WarnOnce(LinuxException.Last("rename", _settings.Path).Message);
            return false;
        }

        return true;
    }

    private void Shift(int oldest)
    {
        _ = Libc.unlink(Numbered(oldest));
        _ = Libc.unlink(Numbered(oldest) + CompressedSuffix);
        for (int i = oldest; i > 1; i--)
        {
            _ = Libc.rename(Numbered(i - 1), Numbered(i));
            _ = Libc.rename(Numbered(i - 1) + CompressedSuffix, Numbered(i) + CompressedSuffix);
        }
    }

    private string Numbered(int number) => _settings.Path + "." + number.ToString(CultureInfo.InvariantCulture);

    private void Open()
    {
        _file = Libc.open(_settings.Path, Libc.O_WRONLY | Libc.O_APPEND | Libc.O_CREAT | Libc.O_CLOEXEC, 0x1A0); // 0640
        if (_file < 0)
        {
            throw LinuxException.Last("open", _settings.Path);
        }

        _size = Libc.lseek(_file, 0, 2); // SEEK_END
        if (_settings.Compact && _size > 0)
        {
            TearOff();
        }
    }

    /// <summary>A power cut may have left half an entry at the end, behind which nothing could be read.</summary>
    private void TearOff()
    {
        int file = Libc.open(_settings.Path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        byte[] buffer = new byte[256 << 10];
        long good = 0;
        int held = 0;
        int count;
        bool sound = true;
        while (sound && (count = Descriptors.Read(file, buffer.AsSpan(held))) > 0)
        {
            int start = 0;
            int length;
            held += count;
            while ((length = CompactLog.LengthOf(buffer.AsSpan(start, held - start))) > 0)
            {
                start += length;
                good += length;
            }

            sound = length == 0;
            buffer.AsSpan(start, held - start).CopyTo(buffer);
            held -= start;
        }

        _ = Libc.close(file);
        if (good < _size && Libc.ftruncate(_file, good) == 0)
        {
            _size = good;
        }
    }

    private void WarnOnce(string message)
    {
        if (!_warned)
        {
            _warned = true;
            _warn("log entries are lost: " + message);
        }
    }
}
