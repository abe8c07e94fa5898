using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Tare.Network;

/// <summary>An Ethernet address: 6 bytes.</summary>
public readonly record struct MacAddress
{
    private const int Length = 6;
    private readonly ulong _bytes;

    private MacAddress(ulong bytes) => _bytes = bytes;

    /// <summary>The six bytes in the order in which they are sent.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Length];
        for (int i = 0; i < Length; i++)
        {
            bytes[i] = (byte)(_bytes >> (8 * (Length - 1 - i)));
        }

        return bytes;
    }

    /// <summary>
    /// The address that stands for an IPv4 address: <c>02:42</c> and its four bytes (locally administered, IEEE 802 section 8). It comes
    /// back with the IPv4 address, so that no neighbour's ARP table is ever wrong about a container.
    /// </summary>
    public static MacAddress For(IPAddress address) => new(0x0242_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()));

    /// <summary>Reads six pairs of hexadecimal digits with colons between them, as <c>--mac-address</c> takes them.</summary>
    /// <exception cref="FormatException">In Docker's words: <c>address x: invalid MAC address</c>.</exception>
    public static MacAddress Parse(string text)
    {
        string[] parts = text.Split(text.Contains('-', StringComparison.Ordinal) ? '-' : ':');
        ulong bytes = 0;
        bool valid = parts.Length == Length;
        foreach (string part in parts)
        {
            valid &= byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value) && part.Length == 2;
            bytes = (bytes << 8) | value;
        }

        return valid ? new MacAddress(bytes) : throw new FormatException($"address {text}: invalid MAC address");
    }

    /// <summary>Six pairs of lower-case hexadecimal digits with colons between them.</summary>
    public override string ToString() => string.Join(':', ToBytes().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
}
