using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Tare.Linux.Netlink;

/// <summary>
/// Builds a netlink message (netlink(7)): header, a fixed struct, attributes that may nest. Numbers are in the machine's byte order; everything is
/// padded to four bytes.
/// </summary>
public sealed class NetlinkMessage
{
    private const int HeaderSize = 16;
    private const ushort Nested = 0x8000;
    private readonly byte[] _buffer = new byte[1024];
    private int _length = HeaderSize;

    /// <summary>Begins a message.</summary>
    /// <param name="type">RTM_…</param>
    /// <param name="flags">NLM_F_… beside REQUEST and ACK.</param>
    public NetlinkMessage(ushort type, ushort flags)
    {
        const ushort RequestWithAck = 0x5; // NLM_F_REQUEST | NLM_F_ACK
        MemoryMarshal.Write(_buffer.AsSpan(4), type);
        MemoryMarshal.Write(_buffer.AsSpan(6), (ushort)(flags | RequestWithAck));
    }

    /// <summary>Appends a fixed struct.</summary>
    public NetlinkMessage Struct<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer.AsSpan(_length), value);
        _length += Align(System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        return this;
    }

    /// <summary>Appends an attribute with bytes.</summary>
    public NetlinkMessage Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        MemoryMarshal.Write(_buffer.AsSpan(_length), (ushort)(4 + value.Length));
        MemoryMarshal.Write(_buffer.AsSpan(_length + 2), type);
        value.CopyTo(_buffer.AsSpan(_length + 4));
        _length += Align(4 + value.Length);
        return this;
    }

    /// <summary>Appends an attribute with a 32-bit number.</summary>
    public NetlinkMessage Attribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        MemoryMarshal.Write(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>Appends an attribute with a null-terminated text.</summary>
    public NetlinkMessage Attribute(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + "\0"));

    /// <summary>Appends an attribute that holds what <paramref name="content"/> appends.</summary>
    public NetlinkMessage Nest(ushort type, Action<NetlinkMessage> content)
    {
        int start = _length;
        _length += 4;
        content(this);
        MemoryMarshal.Write(_buffer.AsSpan(start), (ushort)(_length - start));
        MemoryMarshal.Write(_buffer.AsSpan(start + 2), (ushort)(type | Nested));
        return this;
    }

    /// <summary>The finished message.</summary>
    /// <param name="sequence">Number that the answer carries.</param>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        MemoryMarshal.Write(_buffer, (uint)_length);
        MemoryMarshal.Write(_buffer.AsSpan(8), sequence);
        return _buffer.AsSpan(0, _length);
    }

    /// <summary>An IPv4 address in network byte order.</summary>
    public static byte[] Address(uint address)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return bytes;
    }

    /// <summary>Finds an attribute of an answer by its type.</summary>
    public static bool TryFind(ReadOnlySpan<byte> attributes, ushort type, out ReadOnlySpan<byte> value)
    {
        const ushort TypeMask = 0x3FFF; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
        while (attributes.Length >= 4)
        {
            int length = MemoryMarshal.Read<ushort>(attributes);
            if (length < 4 || length > attributes.Length)
            {
                break;
            }

            if ((MemoryMarshal.Read<ushort>(attributes[2..]) & TypeMask) == type)
            {
                value = attributes[4..length];
                return true;
            }

            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        value = [];
        return false;
    }

    private static int Align(int size) => (size + 3) & ~3;
}
