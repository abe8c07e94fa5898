using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tare.Engine.Logs.Targets;

/// <summary>Writes MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), as far as fluentd's forward protocol needs it.</summary>
internal sealed class MessagePack
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>Begins an array of up to 15 values.</summary>
    public void Array(int count) => Byte((byte)(0x90 | count));

    /// <summary>Begins a map of up to 65535 pairs.</summary>
    public void Map(int count)
    {
        if (count < 16)
        {
            Byte((byte)(0x80 | count));
            return;
        }

        Byte(0xde);
        Big16(count);
    }

    /// <summary>Writes a text.</summary>
    public void Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a text given as UTF-8, or as whatever bytes a program wrote.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        switch (text.Length)
        {
            case < 32:
                Byte((byte)(0xa0 | text.Length));
                break;
            case < 256:
                Byte(0xd9);
                Byte((byte)text.Length);
                break;
            default:
                Byte(text.Length < 65536 ? (byte)0xda : (byte)0xdb);
                if (text.Length < 65536)
                {
                    Big16(text.Length);
                }
                else
                {
                    Big32((uint)text.Length);
                }

                break;
        }

        _bytes.Write(text);
    }

    /// <summary>Writes seconds since 1970 as an int32.</summary>
    public void Seconds(DateTimeOffset time)
    {
        Byte(0xd2);
        Big32((uint)time.ToUnixTimeSeconds());
    }

    /// <summary>Writes fluentd's EventTime: extension 0 of 8 bytes, seconds and nanoseconds.</summary>
    public void EventTime(DateTimeOffset time)
    {
        Byte(0xd7);
        Byte(0);
        Big32((uint)time.ToUnixTimeSeconds());
        Big32((uint)(time.UtcTicks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick));
    }

    private void Byte(byte value) => _bytes.Write(new ReadOnlySpan<byte>(in value));

    private void Big16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        _bytes.Write(bytes);
    }

    private void Big32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
