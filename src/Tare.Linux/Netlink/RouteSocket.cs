using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Netlink;

/// <summary>
/// A routing socket (rtnetlink(7)) of one network namespace: the one of the thread that opened it, for as long as it is open. One thread at a time.
/// </summary>
public sealed unsafe class RouteSocket : IDisposable
{
    private const ushort NewLink = 16;
    private const ushort RemoveLink = 17;
    private const ushort GetLink = 18;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
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

    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
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

    /// <summary>Opens a socket in another network namespace, on a thread that ends with it: no thread of the pool is ever left in a foreign namespace.</summary>
    /// <param name="networkNamespace">The namespace's file.</param>
    /// <exception cref="LinuxException">The namespace cannot be joined.</exception>
    public static RouteSocket OpenIn(SafeFileHandle networkNamespace)
    {
        RouteSocket? socket = null;
        LinuxException? failure = null;
        Thread thread = new(
            () =>
            {
                const int NetworkNamespace = 0x40000000;
                try
                {
                    socket = Libc.setns((int)networkNamespace.DangerousGetHandle(), NetworkNamespace) == 0 ? new RouteSocket() : throw LinuxException.Last("setns", "network namespace");
                }
                catch (LinuxException error)
                {
                    failure = error;
                }
            },
            maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        return socket ?? throw failure!;
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

    /// <summary>Sets the MAC address of an interface.</summary>
    public void SetMac(int index, ReadOnlySpan<byte> mac)
        => Check(Send(new NetlinkMessage(NewLink, 0).Struct(new LinkMessage(0, 0, index, 0, 0)).Attribute(LinkAddress, mac), out string text), text, "set MAC address");

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

    private Errno Send(NetlinkMessage message, out string text) => Send(message, out text, out _);

    // Sends, and reads answers until the acknowledgement. The index is that of a link which the kernel describes in between.
    private Errno Send(NetlinkMessage message, out string text, out int index)
    {
        index = 0;
        int fd = (int)_socket.DangerousGetHandle();
        uint sequence = ++_sequence;
        ReadOnlySpan<byte> bytes = message.Finish(sequence);
        fixed (byte* start = bytes)
        {
            if (Libc.send(fd, start, (nuint)bytes.Length, 0) < 0)
            {
                throw LinuxException.Last("send", "netlink");
            }
        }

        while (true)
        {
            fixed (byte* buffer = _buffer)
            {
                nint length = Libc.recv(fd, buffer, (nuint)_buffer.Length, 0);
                if (length < 0)
                {
                    throw LinuxException.Last("recv", "netlink");
                }

                if (Answer(_buffer.AsSpan(0, (int)length), sequence, ref index, out Errno errno, out text))
                {
                    return errno;
                }
            }
        }
    }

    private static bool Answer(ReadOnlySpan<byte> answer, uint sequence, ref int index, out Errno errno, out string text)
    {
        errno = Errno.None;
        text = "";
        while (answer.Length >= 16)
        {
            int length = MemoryMarshal.Read<int>(answer);
            if (length < 16 || length > answer.Length)
            {
                break;
            }

            ushort type = MemoryMarshal.Read<ushort>(answer[4..]);
            ushort flags = MemoryMarshal.Read<ushort>(answer[6..]);
            bool mine = MemoryMarshal.Read<uint>(answer[8..]) == sequence;
            if (mine && type == ErrorMessage)
            {
                errno = (Errno)(-MemoryMarshal.Read<int>(answer[16..]));
                text = errno == Errno.None ? "" : ExtendedText(answer[..length], flags);
                return true;
            }

            if (mine && type == NewLink)
            {
                index = MemoryMarshal.Read<int>(answer[20..]);
            }

            answer = answer[Math.Min((length + 3) & ~3, answer.Length)..];
        }

        return false;
    }

    // Attributes after the echoed request (include/uapi/linux/netlink.h, NLMSGERR_ATTR_MSG); the request is cut to its header with NLM_F_CAPPED.
    private static string ExtendedText(ReadOnlySpan<byte> message, ushort flags)
    {
        const ushort HasAttributes = 0x200;
        const ushort Capped = 0x100;
        if ((flags & HasAttributes) == 0)
        {
            return "";
        }

        int echoed = (flags & Capped) != 0 ? 16 : MemoryMarshal.Read<int>(message[20..]);
        ReadOnlySpan<byte> attributes = message[Math.Min(message.Length, 20 + ((echoed + 3) & ~3))..];
        while (attributes.Length >= 4)
        {
            int length = MemoryMarshal.Read<ushort>(attributes);
            if (length < 4 || length > attributes.Length)
            {
                break;
            }

            if (MemoryMarshal.Read<ushort>(attributes[2..]) == 1)
            {
                return Encoding.UTF8.GetString(attributes[4..length]).TrimEnd('\0');
            }

            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        return "";
    }
}
