using System.Buffers;
using System.Text;

namespace Tare.Runtime.Checkpoint;

/// <summary>Writes a message in the wire format of protocol buffers (protobuf.dev, Encoding): so much of it as the protocol of criu uses.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>A field of type int32, uint32 or enum. Negative numbers take ten bytes, as the format wants them.</summary>
    public ProtobufWriter Number(int field, long value)
    {
        Raw(((uint)field << 3) | Varint);
        Raw((ulong)value);
        return this;
    }

    /// <summary>A field of type bool; left out when false, which is what its absence means.</summary>
    public ProtobufWriter Flag(int field, bool value) => value ? Number(field, 1) : this;

    /// <summary>A field of type string; left out when null.</summary>
    public ProtobufWriter Text(int field, string? value)
    {
        if (value is not null)
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }

        return this;
    }

    /// <summary>A message inside this one.</summary>
    public ProtobufWriter Message(int field, ProtobufWriter message)
    {
        Bytes(field, message.Written);
        return this;
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Raw(((uint)field << 3) | LengthDelimited);
        Raw((ulong)value.Length);
        _buffer.Write(value);
    }

    private void Raw(ulong value)
    {
        Span<byte> bytes = _buffer.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            bytes[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[length++] = (byte)value;
        _buffer.Advance(length);
    }
}
