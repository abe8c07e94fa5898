namespace Tare.Runtime.Shim.Loop;

/// <summary>Bytes that wait to be written. An empty queue holds no memory.</summary>
internal sealed class ByteQueue
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>How many bytes wait.</summary>
    public int Count => _end - _start;

    /// <summary>The bytes, the oldest first. Valid until the next change.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start.._end);

    /// <summary>Adds bytes at the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_end + bytes.Length > _buffer.Length)
        {
            byte[] target = Count + bytes.Length <= _buffer.Length ? _buffer : new byte[Math.Max(1024, Math.Max(_buffer.Length * 2, Count + bytes.Length))];
            Bytes.CopyTo(target);
            _end -= _start;
            _start = 0;
            _buffer = target;
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Drops the oldest bytes.</summary>
    public void Drop(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
            _buffer = [];
        }
    }

    /// <summary>Drops all bytes.</summary>
    public void Clear() => Drop(Count);
}
