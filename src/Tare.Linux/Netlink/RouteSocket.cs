using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Netlink;

/// <summary>
/// A routing socket (rtnetlink(7)) of one network namespace: the one of the thread that opened it, for as long as it is open. One thread at a time.
/// </summary>
public sealed unsafe partial class RouteSocket : IDisposable
{
    private const int HeaderSize = 16;
    private const ushort NewLink = 16;
    private const ushort RemoveLink = 17;
    private const ushort GetLink = 18;
    private const ushort SetLink = 19;
    private const ushort NewAddress = 20;
    private const ushort DeleteAddress = 21;
    private const ushort GetAddress = 22;
    private const ushort NewRoute = 24;
    private const ushort DumpAll = 0x300;
    private const ushort DoneMessage = 3;
    private const ushort LocalAddress = 2;
    private const ushort Create = 0x400;
    private const ushort Exclusive = 0x200;
    private const ushort Replace = 0x100;
    private const ushort ErrorMessage = 2;
    private const ushort LinkAddress = 1;
    private const ushort LinkName = 3;
    private const ushort LinkMtu = 4;
    private const ushort LinkMaster = 10;
    private const ushort LinkInfo = 18;
    private const ushort LinkNamespace = 28;
    private const ushort InfoKind = 1;
    private const ushort InfoData = 2;
    private const ushort VethPeer = 1;
    private const uint Up = 1;
    private const byte Inet = 2;

    // The kernel packs answers of many messages into at most as much as the reader offers, up to 32 KiB (af_netlink.c).
    private const int BufferSize = 32 * 1024;

    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
    private uint _sequence;

    /// <summary>Opens a socket in this thread's network namespace.</summary>
    /// <exception cref="LinuxException">EMFILE and the like.</exception>
    public RouteSocket()
    {
        int fd = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.NETLINK_ROUTE);
        _socket = fd < 0 ? throw LinuxException.Last("socket", "netlink") : new SafeFileHandle(fd, ownsHandle: true);
        int on = 1;
        _ = Libc.setsockopt(fd, 270, 11, &on, sizeof(int)); // SOL_NETLINK, NETLINK_EXT_ACK: sentences with errors (4.12)
    }

    /// <summary>Makes a bridge. Returns false when an interface of this name exists.</summary>
    public bool TryCreateBridge(string name)
    {
        NetlinkMessage message = new NetlinkMessage(NewLink, Create | Exclusive)
            .Struct(new LinkMessage(0, 0, 0, 0, 0))
            .Attribute(LinkName, name)
            .Nest(LinkInfo, info => info.Attribute(InfoKind, "bridge"));
        Errno errno = Send(message, out string text);
        return errno == Errno.EEXIST ? false : Check(errno, text, $"make bridge \"{name}\"");
    }

    /// <summary>
    /// Makes a veth pair: one end here, up and in a bridge; the other born in another namespace, under the name and with the MAC address that it keeps.
    /// </summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken. ENODEV: there is no such bridge.</exception>
    public void CreateVeth(string name, int bridge, SafeFileHandle peerNamespace, string peerName, ReadOnlySpan<byte> peerMac, int mtu)
    {
        byte[] mac = peerMac.ToArray();
        NetlinkMessage message = new NetlinkMessage(NewLink, Create | Exclusive)
            .Struct(new LinkMessage(0, 0, 0, Up, Up))
            .Attribute(LinkName, name)
            .Attribute(LinkMtu, (uint)mtu)
            .Attribute(LinkMaster, (uint)bridge)
            .Nest(LinkInfo, info => info.Attribute(InfoKind, "veth").Nest(InfoData, data => data.Nest(VethPeer, peer => peer
                .Struct(new LinkMessage(0, 0, 0, 0, 0))
                .Attribute(LinkName, peerName)
                .Attribute(LinkMtu, (uint)mtu)
                .Attribute(LinkAddress, mac)
                .Attribute(LinkNamespace, (uint)peerNamespace.DangerousGetHandle()))));
        Check(Send(message, out string text), text, $"make veth pair \"{name}\"");
    }

    /// <summary>The index of an interface; null when there is none of this name.</summary>
    public int? FindIndex(string name)
    {
        NetlinkMessage message = new NetlinkMessage(GetLink, 0).Struct(new LinkMessage(0, 0, 0, 0, 0)).Attribute(LinkName, name);
        Errno errno = Send(message, out string text, out int index);
        if (errno == Errno.ENODEV)
        {
            return null;
        }

        Check(errno, text, $"find interface \"{name}\"");
        return index;
    }

    /// <summary>The kind of an interface: <c>bridge</c>, <c>veth</c>…; null when there is none of this name, or when it is a physical one.</summary>
    public string? FindKind(string name)
    {
        string? kind = null;
        NetlinkMessage message = new NetlinkMessage(GetLink, 0).Struct(new LinkMessage(0, 0, 0, 0, 0)).Attribute(LinkName, name);
        Errno errno = Exchange(message, (type, payload) => kind = type == NewLink ? Kind(payload) : kind, out string text);
        return errno == Errno.ENODEV || Check(errno, text, $"find interface \"{name}\"") ? kind : null;
    }

    /// <summary>The ports of a bridge.</summary>
    /// <param name="master">Index of the bridge.</param>
    /// <returns>Names of interfaces.</returns>
    public IReadOnlyList<string> ListPorts(int master)
    {
        List<string> names = [];
        Exchange(new NetlinkMessage(GetLink, DumpAll).Struct(new LinkMessage(0, 0, 0, 0, 0)), (type, payload) =>
        {
            if (type == NewLink && PortName(payload, master) is { } name)
            {
                names.Add(name);
            }
        });
        return names;
    }

    /// <summary>The IPv4 addresses of an interface with the bits of their networks.</summary>
    public IReadOnlyList<(IPAddress Address, int PrefixLength)> ListAddresses(int index)
    {
        List<(IPAddress, int)> addresses = [];
        Exchange(new NetlinkMessage(GetAddress, DumpAll).Struct(new AddressMessage(Inet, 0, 0, 0, 0)), (type, payload) =>
        {
            if (type == NewAddress && MemoryMarshal.Read<AddressMessage>(payload) is var header && header.Index == index
                && TryFind(payload[sizeof(AddressMessage)..], LocalAddress, out ReadOnlySpan<byte> address))
            {
                addresses.Add((new IPAddress(address), header.PrefixLength));
            }
        });
        return addresses;
    }

    /// <summary>Takes an address from an interface.</summary>
    public void RemoveAddress(int index, IPAddress address, int prefixLength)
    {
        NetlinkMessage message = new NetlinkMessage(DeleteAddress, 0)
            .Struct(new AddressMessage(Inet, (byte)prefixLength, 0, 0, index))
            .Attribute(LocalAddress, address.GetAddressBytes());
        Check(Send(message, out string text), text, $"take address {address}/{prefixLength}");
    }

    /// <summary>Gives an interface an address; one that it has already is fine.</summary>
    public void AddAddress(int index, IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        NetlinkMessage message = new NetlinkMessage(NewAddress, Create | Replace)
            .Struct(new AddressMessage(Inet, (byte)prefixLength, 0, 0, index))
            .Attribute(2, bytes) // IFA_LOCAL
            .Attribute(1, bytes) // IFA_ADDRESS
            .Attribute(4, NetlinkMessage.Address(Broadcast(bytes, prefixLength))); // IFA_BROADCAST
        Check(Send(message, out string text), text, $"give address {address}/{prefixLength}");
    }

    /// <summary>Sets an interface up.</summary>
    public void SetUp(int index)
        => Check(Send(new NetlinkMessage(NewLink, 0).Struct(new LinkMessage(0, 0, index, Up, Up)), out string text), text, "set interface up");

    /// <summary>Sets the largest packet of an interface, in bytes.</summary>
    public void SetMtu(int index, int mtu)
        => Check(Send(new NetlinkMessage(NewLink, 0).Struct(new LinkMessage(0, 0, index, 0, 0)).Attribute(LinkMtu, (uint)mtu), out string text), text, $"set MTU {mtu}");

    /// <summary>Sets the MAC address of an interface.</summary>
    public void SetMac(int index, ReadOnlySpan<byte> mac)
        => Check(Send(new NetlinkMessage(NewLink, 0).Struct(new LinkMessage(0, 0, index, 0, 0)).Attribute(LinkAddress, mac), out string text), text, "set MAC address");

    /// <summary>Lets a port of a bridge send back what it received.</summary>
    public void SetHairpin(string name)
    {
        const byte BridgeFamily = 7; // AF_BRIDGE
        const ushort PortInformation = 12; // IFLA_PROTINFO
        const ushort HairpinMode = 4; // IFLA_BRPORT_MODE
        int index = FindIndex(name) ?? throw new LinuxException(Errno.ENODEV, "set hairpin mode", name);
        NetlinkMessage message = new NetlinkMessage(SetLink, 0)
            .Struct(new LinkMessage(BridgeFamily, 0, index, 0, 0))
            .Nest(PortInformation, port => port.Attribute(HairpinMode, [1]));
        Check(Send(message, out string text), text, $"set hairpin mode of \"{name}\"");
    }

    /// <summary>Makes the default route.</summary>
    public void AddDefaultRoute(IPAddress gateway, int index)
    {
        const byte MainTable = 254;
        const byte Boot = 3;
        const byte Unicast = 1;
        NetlinkMessage message = new NetlinkMessage(NewRoute, Create | Replace)
            .Struct(new RouteMessage(Inet, 0, 0, 0, MainTable, Boot, 0, Unicast, 0))
            .Attribute(5, gateway.GetAddressBytes()) // RTA_GATEWAY
            .Attribute(4, (uint)index); // RTA_OIF
        Check(Send(message, out string text), text, $"make default route via {gateway}");
    }

    /// <summary>Deletes an interface; nothing happens when there is none. Deleting a veth takes milliseconds: never on a hot path.</summary>
    public void DeleteLink(string name)
    {
        Errno errno = Send(new NetlinkMessage(RemoveLink, 0).Struct(new LinkMessage(0, 0, 0, 0, 0)).Attribute(LinkName, name), out string text);
        if (errno != Errno.ENODEV)
        {
            Check(errno, text, $"delete interface \"{name}\"");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static uint Broadcast(byte[] address, int prefixLength)
    {
        uint value = ((uint)address[0] << 24) | ((uint)address[1] << 16) | ((uint)address[2] << 8) | address[3];
        return prefixLength >= 32 ? value : value | (uint.MaxValue >> prefixLength);
    }

    private static bool Check(Errno errno, string text, string operation)
        => errno == Errno.None ? true : throw new LinuxException(errno, text.Length == 0 ? operation : $"{operation} ({text})");
}
