using System.Globalization;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim.Logs;

/// <summary>
/// Writes a container's output to its log file, cut into lines, and rotates the file: <c>PATH</c> becomes <c>PATH.1</c>, that becomes
/// <c>PATH.2</c> …, the oldest is dropped. A file that cannot be written loses entries and is said once; the container goes on.
/// </summary>
internal sealed class JsonLogWriter : IDisposable
{
    /// <summary>The longest line in one entry; a longer one is continued in the next (bufSize of Docker's copier).</summary>
    public const int MaxLine = 16 << 10;

    private readonly ShimLog _settings;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly JsonLogEncoder _encoder = new();
    private readonly ByteQueue _partialOutput = new();
    private readonly ByteQueue _partialError = new();
    private int _file = -1;
    private long _size;
    private bool _warned;

    /// <summary>Opens the file for appending, or makes it with mode 0640.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public JsonLogWriter(ShimLog settings, TimeProvider clock, Action<string> warn)
    {
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

        for (int i = _settings.MaxFiles - 1; i > 1; i--)
        {
            _ = Libc.rename(Numbered(i - 1), Numbered(i));
        }

        if (Libc.rename(_settings.Path, Numbered(1)) != 0)
        {
            WarnOnce(LinuxException.Last("rename", _settings.Path).Message);
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
