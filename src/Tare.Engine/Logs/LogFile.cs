using Microsoft.Win32.SafeHandles;

namespace Tare.Engine.Logs;

/// <summary>
/// One open file of a log, read line by line; the writer may append and rotate meanwhile. The open descriptor keeps the file whatever its name becomes,
/// and <c>/proc/self/fd</c> tells that name. Owns its handle.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int ChunkBytes = 64 << 10;
    private const string DeletedSuffix = " (deleted)";

    private readonly SafeFileHandle _handle;
    private byte[] _buffer = new byte[ChunkBytes];
    private int _start;
    private int _end;
    private long _position;

    private LogFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a file; null when it does not exist.</summary>
    public static LogFile? TryOpen(string path)
    {
        try
        {
            return new LogFile(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The path that the file has now; null when it was deleted.</summary>
    public string? CurrentPath()
    {
        string? target = File.ResolveLinkTarget($"/proc/self/fd/{_handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
        return target is null || target.EndsWith(DeletedSuffix, StringComparison.Ordinal) ? null : target;
    }

    /// <summary>Continues at an offset, which must be the start of a line.</summary>
    public void Seek(long offset)
    {
        _position = offset;
        _start = _end = 0;
    }

    /// <summary>Reads the next whole line, without its end. False when there is none yet; a torn last line is kept for later. The span is valid until the next call.</summary>
    public bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int length = searched + newline;
                line = _buffer.AsSpan(_start, length);
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

    /// <summary>
    /// Finds the start of the last <paramref name="count"/> lines, reading backwards. When the file has fewer, the offset is 0 and
    /// <paramref name="count"/> is lowered by what was found.
    /// </summary>
    public long OffsetOfLast(ref int count)
    {
        byte[] chunk = new byte[ChunkBytes];
        long end = RandomAccess.GetLength(_handle);
        bool last = true;
        while (end > 0)
        {
            int length = (int)Math.Min(ChunkBytes, end);
            long from = end - length;
            int read = RandomAccess.Read(_handle, chunk.AsSpan(0, length), from);
            for (int i = read - 1; i >= 0; i--)
            {
                if (chunk[i] != (byte)'\n')
                {
                    last = false;
                    continue;
                }

                // The newline that ends the last line starts no line after it.
                if (!last && --count == 0)
                {
                    return from + i + 1;
                }

                last = false;
            }

            end = from;
        }

        if (RandomAccess.GetLength(_handle) > 0)
        {
            count--;
        }

        return 0;
    }

    public void Dispose() => _handle.Dispose();

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
