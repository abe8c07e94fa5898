using System.Buffers.Binary;
using System.Text;

namespace Tare.Linux.DBus;

/// <summary>Writes values as they stand in D-Bus messages: little-endian, each aligned to its size (D-Bus specification, Marshaling).</summary>
public sealed class DBusWriter
{
    private byte[] _buffer = new byte[256];

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Pads with zeros.</summary>
    /// <param name="size">A power of two.</param>
    public DBusWriter Align(int size)
    {
        int padded = (Length + size - 1) & ~(size - 1);
        Reserve(padded - Length).Clear();
        return this;
    }

    /// <summary>Type <c>y</c>.</summary>
    public DBusWriter Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    /// <summary>Type <c>b</c>.</summary>
    public DBusWriter Boolean(bool value) => UInt32(value ? 1u : 0);

    /// <summary>Type <c>u</c>; <c>i</c> is the same bits.</summary>
    public DBusWriter UInt32(uint value)
    {
        Align(4);
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        return this;
    }

    /// <summary>Type <c>t</c>; <c>x</c> and <c>d</c> are the same bits.</summary>
    public DBusWriter UInt64(ulong value)
    {
        Align(8);
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        return this;
    }

    /// <summary>Types <c>s</c> and <c>o</c>.</summary>
    public DBusWriter String(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        UInt32((uint)bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
        return Byte(0);
    }

    /// <summary>Type <c>g</c>.</summary>
    public DBusWriter Signature(string value)
    {
        Byte((byte)value.Length);
        Encoding.ASCII.GetBytes(value, Reserve(value.Length));
        return Byte(0);
    }

    /// <summary>An array: its length in bytes, then its elements from their alignment on.</summary>
    /// <param name="alignment">Alignment of the element type: 8 for structs.</param>
    /// <param name="elements">Writes the elements.</param>
    public DBusWriter Array(int alignment, Action<DBusWriter> elements)
    {
        UInt32(0);
        int place = Length - 4;
        Align(alignment);
        int start = Length;
        elements(this);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(place), (uint)(Length - start));
        return this;
    }

    /// <summary>A variant: the signature of one type, then its value.</summary>
    public DBusWriter Variant(string signature, Action<DBusWriter> value)
    {
        Signature(signature);
        value(this);
        return this;
    }

    /// <summary>Appends bytes as they are.</summary>
    public DBusWriter Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    private Span<byte> Reserve(int size)
    {
        if (Length + size > _buffer.Length)
        {
            System.Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + size));
        }

        Length += size;
        return _buffer.AsSpan(Length - size, size);
    }
}
