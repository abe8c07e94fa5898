using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim.Logs;

/// <summary>Encodes entries as <see cref="CompactLog"/> says.</summary>
internal sealed class CompactLogEncoder : ILogEncoder
{
    private byte[] _buffer = [];
    private int _length;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > 128 << 10)
        {
            _buffer = [];
        }
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> text, bool isWhole, bool isError, DateTimeOffset time)
    {
        int size = text.Length + CompactLog.Overhead;
        if (_length + size > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(1024, Math.Max(_buffer.Length * 2, _length + size)));
        }

        CompactLog.Write(_buffer.AsSpan(_length, size), text, isWhole, isError, time);
        _length += size;
    }
}
