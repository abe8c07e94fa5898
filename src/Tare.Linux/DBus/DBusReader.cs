using System.Buffers.Binary;
using System.Text;

namespace Tare.Linux.DBus;

/// <summary>Reads values of a D-Bus message. What it reads comes from the bus: each length is checked.</summary>
/// <param name="bytes">The message's part; alignment counts from its beginning.</param>
public ref struct DBusReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next value stands, before its alignment.</summary>
    public int Position { get; private set; }

    /// <summary>Skips padding.</summary>
    /// <exception cref="DBusException">The message ends.</exception>
    public void Align(int size) => Take(((Position + size - 1) & ~(size - 1)) - Position);

    /// <summary>Type <c>y</c>.</summary>
    /// <exception cref="DBusException">The message ends.</exception>
    public byte Byte() => Take(1)[0];

    /// <summary>Type <c>u</c>.</summary>
    /// <exception cref="DBusException">The message ends.</exception>
    public uint UInt32()
    {
        Align(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    /// <summary>Types <c>s</c> and <c>o</c>.</summary>
    /// <exception cref="DBusException">The message ends.</exception>
    public string String()
    {
        string text = Encoding.UTF8.GetString(Take(UInt32()));
        Take(1);
        return text;
    }

    /// <summary>Type <c>g</c>.</summary>
    /// <exception cref="DBusException">The message ends.</exception>
    public string Signature()
    {
        string text = Encoding.ASCII.GetString(Take(Byte()));
        Take(1);
        return text;
    }

    private ReadOnlySpan<byte> Take(long size)
    {
        if (size > _bytes.Length - Position)
        {
            throw new DBusException("org.freedesktop.DBus.Error.InconsistentMessage", "a message is shorter than it says");
        }

        Position += (int)size;
        return _bytes.Slice(Position - (int)size, (int)size);
    }
}
