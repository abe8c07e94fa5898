using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Engine.Logs;

/// <summary>
/// One open file of a log, read entry by entry; the writer may append and rotate meanwhile. The open descriptor keeps the file whatever its name becomes,
/// and <c>/proc/self/fd</c> tells that name. A compressed file is read from an unpacked copy. Owns its handle.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int ChunkBytes = 256 << 10;
    private const string DeletedSuffix = " (deleted)";

    private readonly SafeFileHandle _handle;
    private readonly bool _compact;
    private readonly bool _isCopy;
    private readonly LogDecoder _decoder = new();
    private byte[] _buffer = new byte[ChunkBytes];
    private int _start;
    private int _end;
    private long _position;

    /// <summary>Takes over an open file.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="compact">Whether it is in the compact format.</param>
    /// <param name="original">The file that this is a copy of; null when it is the file itself.</param>
    public LogFile(SafeFileHandle handle, bool compact, LogIdentity? original = null)
    {
        _handle = handle;
        _compact = compact;
        _isCopy = original is not null;
        Identity = original ?? LogIdentity.Of(FileStatus.Of(handle));
    }

    /// <summary>The file as it was written, over all renames and the compression.</summary>
    public LogIdentity Identity { get; }

    /// <summary>Where the next entry begins: an offset in the file.</summary>
    public long Offset => _position - (_end - _start);

    /// <summary>The path that the file has now; null when it was deleted or this is a copy.</summary>
    public string? CurrentPath()
    {
        if (_isCopy)
        {
            return null;
        }

        string? target = File.ResolveLinkTarget($"/proc/self/fd/{_handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
        return target is null || target.EndsWith(DeletedSuffix, StringComparison.Ordinal) ? null : target;
    }

    /// <summary>Continues at an offset, which must be the start of an entry.</summary>
    public void Seek(long offset)
    {
        _position = offset;
        _start = _end = 0;
    }

    /// <summary>Reads the next whole entry. False when there is none yet; a torn last one is kept for later. The entry's bytes are valid until the next call.</summary>
    public bool TryRead(out LogEntry entry)
    {
        if (_compact)
        {
            return TryReadCompact(out entry);
        }

        while (TryReadLine(out Memory<byte> line))
        {
            if (_decoder.TryDecode(line, out entry))
            {
                return true;
            }
        }

        entry = default;
        return false;
    }

    /// <summary>
    /// Finds the start of the last <paramref name="count"/> entries, reading backwards. When the file has fewer, the offset is 0 and
    /// <paramref name="count"/> is lowered by what was found.
    /// </summary>
    public long OffsetOfLast(ref int count) => _compact ? LogTail.OffsetOfLastEntries(_handle, ref count) : LogTail.OffsetOfLastLines(_handle, ref count);

    public void Dispose() => _handle.Dispose();

    private bool TryReadCompact(out LogEntry entry)
    {
        while (true)
        {
            int length = CompactLog.LengthOf(_buffer.AsSpan(_start, _end - _start));
            if (length > 0)
            {
                Memory<byte> bytes = _buffer.AsMemory(_start, length);
                ReadOnlySpan<byte> text = CompactLog.Read(bytes.Span, out bool isWhole, out bool isError, out DateTimeOffset time);
                int begin = length - text.Length - sizeof(int);
                if (isWhole)
                {
                    // The place of the second length, which has been looked at.
                    bytes.Span[begin + text.Length] = (byte)'\n';
                }

                entry = new LogEntry(isError, time, bytes.Slice(begin, text.Length + (isWhole ? 1 : 0)));
                _start += length;
                return true;
            }

            // Behind a damaged entry nothing can be found any more.
            if (length < 0 || !Fill())
            {
                entry = default;
                return false;
            }
        }
    }

    private bool TryReadLine(out Memory<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int length = searched + newline;
                line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return true;
            }

            searched = _end - _start;
            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    private bool Fill()
    {
        // A writer that keeps one file truncates it instead of renaming.
        if (RandomAccess.GetLength(_handle) < _position)
        {
            Seek(0);
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = RandomAccess.Read(_handle, _buffer.AsSpan(_end), _position);
        _end += read;
        _position += read;
        return read > 0;
    }
}
