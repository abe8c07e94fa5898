using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tare.Linux.Netlink;

// Interfaces on their way to another network namespace.
public sealed unsafe partial class RouteSocket
{
    private const ushort AddressValue = 1; // IFA_ADDRESS
    private const ushort AddressBroadcast = 4; // IFA_BROADCAST
    private const byte Permanent = 0x80; // IFA_F_PERMANENT
    private const byte Universe = 0; // RT_SCOPE_UNIVERSE

    /// <summary>The names of all interfaces.</summary>
    public IReadOnlyList<string> ListNames()
    {
        List<string> names = [];
        Exchange(new NetlinkMessage(GetLink, DumpAll).Struct(new LinkMessage(0, 0, 0, 0, 0)), (type, payload) =>
        {
            if (type == NewLink && TryFind(payload[sizeof(LinkMessage)..], LinkName, out ReadOnlySpan<byte> name))
            {
                names.Add(Encoding.UTF8.GetString(name).TrimEnd('\0'));
            }
        });
        return names;
    }

    /// <summary>The addresses of an interface that were given for good and hold everywhere, of both families.</summary>
    public IReadOnlyList<InterfaceAddress> ListPermanentAddresses(int index)
    {
        List<InterfaceAddress> found = [];
        Exchange(new NetlinkMessage(GetAddress, DumpAll).Struct(new AddressMessage(0, 0, 0, 0, 0)), (type, payload) =>
        {
            if (type != NewAddress || MemoryMarshal.Read<AddressMessage>(payload) is not { Scope: Universe } header || header.Index != index || (header.Flags & Permanent) == 0)
            {
                return;
            }

            ReadOnlySpan<byte> attributes = payload[sizeof(AddressMessage)..];
            if (TryFind(attributes, AddressValue, out ReadOnlySpan<byte> address))
            {
                found.Add(new InterfaceAddress(header.Family, header.PrefixLength, address.ToArray(), Optional(attributes, LocalAddress), Optional(attributes, AddressBroadcast)));
            }
        });
        return found;
    }

    /// <summary>Gives an interface an address; one that it has already is fine.</summary>
    public void AddAddress(int index, InterfaceAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        NetlinkMessage message = new NetlinkMessage(NewAddress, Create | Replace)
            .Struct(new AddressMessage(address.Family, address.PrefixLength, Permanent, Universe, index))
            .Attribute(AddressValue, address.Address);
        if (address.Local is { } local)
        {
            message.Attribute(LocalAddress, local);
        }

        if (address.Broadcast is { } broadcast)
        {
            message.Attribute(AddressBroadcast, broadcast);
        }

        Check(Send(message, out string text), text, $"give address {new System.Net.IPAddress(address.Local ?? address.Address)}/{address.PrefixLength}");
    }

    /// <summary>Moves an interface into another network namespace under another name. It loses its addresses and is down there.</summary>
    /// <exception cref="LinuxException">EEXIST: an interface of this name is there. EINVAL: the interface belongs to its namespace (a loopback).</exception>
    public void Move(int index, SafeFileHandle networkNamespace, string name)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        NetlinkMessage message = new NetlinkMessage(NewLink, 0)
            .Struct(new LinkMessage(0, 0, index, 0, 0))
            .Attribute(LinkNamespace, (uint)networkNamespace.DangerousGetHandle())
            .Attribute(LinkName, name);
        Check(Send(message, out string text), text, $"move interface to \"{name}\"");
    }

    private static byte[]? Optional(ReadOnlySpan<byte> attributes, ushort type) => TryFind(attributes, type, out ReadOnlySpan<byte> value) ? value.ToArray() : null;
}
