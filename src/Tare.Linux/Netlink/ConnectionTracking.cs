using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Netlink;

/// <summary>
/// The kernel's table of tracked IPv4 flows (linux/netfilter/nfnetlink_conntrack.h) in the network namespace of the calling thread. A flow keeps the translation that its first
/// packet met; one that never pauses, as UDP between two fixed ports, must be forgotten for a new translation to take effect.
/// </summary>
public static unsafe class ConnectionTracking
{
    private const int HeaderSize = 16;

    /// <summary>struct nfgenmsg: family, version, resource id.</summary>
    private const int FamilySize = 4;
    private const ushort GetFlow = 0x101; // NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET
    private const ushort DeleteFlow = 0x102;
    private const ushort DumpAll = 0x300;
    private const ushort ErrorMessage = 2;
    private const ushort DoneMessage = 3;
    private const ushort OriginalTuple = 1;
    private const ushort TupleAddresses = 1;
    private const ushort TupleProtocol = 2;
    private const ushort DestinationAddress = 2;
    private const ushort ProtocolNumber = 1;
    private const ushort DestinationPort = 3;
    private const uint Inet = 2;
    private const int BufferSize = 32 * 1024;

    /// <summary>Forgets flows.</summary>
    /// <param name="chosen">Says which.</param>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="LinuxException">The kernel has no such table, or the caller may not change it.</exception>
    public static int Forget(Func<TrackedFlow, bool> chosen)
    {
        int fd = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.NETLINK_NETFILTER);
        using SafeFileHandle socket = fd < 0 ? throw LinuxException.Last("socket", "netfilter") : new SafeFileHandle(fd, ownsHandle: true);
        List<byte[]> tuples = [];
        Exchange(socket, new NetlinkMessage(GetFlow, DumpAll).Struct(Inet), payload =>
        {
            if (NetlinkMessage.TryFind(payload, OriginalTuple, out ReadOnlySpan<byte> tuple) && Read(tuple) is { } flow && chosen(flow))
            {
                tuples.Add(tuple.ToArray());
            }
        });
        int forgotten = 0;
        foreach (byte[] tuple in tuples)
        {
            const ushort NestedTuple = OriginalTuple | 0x8000;
            Errno errno = Exchange(socket, new NetlinkMessage(DeleteFlow, 0).Struct(Inet).Attribute(NestedTuple, tuple), static _ => { });
            // ENOENT: it has ended by itself meanwhile.
            forgotten += errno == Errno.None ? 1 : 0;
        }

        return forgotten;
    }

    /// <summary>Reads a tuple's attributes; null when it is not of IPv4.</summary>
    internal static TrackedFlow? Read(ReadOnlySpan<byte> tuple)
    {
        if (!NetlinkMessage.TryFind(tuple, TupleAddresses, out ReadOnlySpan<byte> addresses) || !NetlinkMessage.TryFind(addresses, DestinationAddress, out ReadOnlySpan<byte> address) || address.Length != 4
            || !NetlinkMessage.TryFind(tuple, TupleProtocol, out ReadOnlySpan<byte> protocol) || !NetlinkMessage.TryFind(protocol, ProtocolNumber, out ReadOnlySpan<byte> number))
        {
            return null;
        }

        int port = NetlinkMessage.TryFind(protocol, DestinationPort, out ReadOnlySpan<byte> bytes) ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0;
        return new TrackedFlow(number[0], new IPAddress(address), port);
    }

    /// <summary>Sends a request and reads answers until its acknowledgement, or the end of a list.</summary>
    /// <returns>None or ENOENT.</returns>
    private static Errno Exchange(SafeFileHandle socket, NetlinkMessage message, Reader reader)
    {
        ReadOnlySpan<byte> bytes = message.Finish(sequence: 1);
        fixed (byte* start = bytes)
        {
            if (Libc.send((int)socket.DangerousGetHandle(), start, (nuint)bytes.Length, 0) < 0)
            {
                throw LinuxException.Last("send", "netfilter");
            }
        }

        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            ReadOnlySpan<byte> answer = buffer.AsSpan(0, Receive(socket, buffer));
            while (answer.Length >= HeaderSize)
            {
                int length = Math.Clamp(MemoryMarshal.Read<int>(answer), HeaderSize, answer.Length);
                ushort type = MemoryMarshal.Read<ushort>(answer[4..]);
                if (type is ErrorMessage or DoneMessage)
                {
                    Errno errno = (Errno)(-MemoryMarshal.Read<int>(answer[HeaderSize..]));
                    return errno is Errno.None or Errno.ENOENT ? errno : throw new LinuxException(errno, "exchange", "netfilter");
                }

                reader(answer[Math.Min(HeaderSize + FamilySize, length)..length]);
                answer = answer[Math.Min((length + 3) & ~3, answer.Length)..];
            }
        }
    }

    private static int Receive(SafeFileHandle socket, byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint length = Libc.recv((int)socket.DangerousGetHandle(), start, (nuint)buffer.Length, 0);
                if (length >= 0)
                {
                    return (int)length;
                }

                LinuxException failure = LinuxException.Last("recv", "netfilter");
                if (failure.Errno != Errno.EINTR)
                {
                    throw failure;
                }
            }
        }
    }

    private delegate void Reader(ReadOnlySpan<byte> payload);
}
