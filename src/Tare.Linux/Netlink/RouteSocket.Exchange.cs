using System.Runtime.InteropServices;
using System.Text;
using Tare.Linux.Interop;

namespace Tare.Linux.Netlink;

// Sending a request and reading its answer: messages, then an acknowledgement, or the end of a list.
public sealed unsafe partial class RouteSocket
{
    private Errno Send(NetlinkMessage message, out string text) => Send(message, out text, out _);

    /// <summary>Sends, and reads answers until the acknowledgement. The index is that of a link which the kernel describes in between.</summary>
    private Errno Send(NetlinkMessage message, out string text, out int index)
    {
        int found = 0;
        Errno errno = Exchange(message, (type, payload) => found = type == NewLink ? MemoryMarshal.Read<LinkMessage>(payload).Index : found, out text);
        index = found;
        return errno;
    }

    private void Exchange(NetlinkMessage message, Reader reader) => Check(Exchange(message, reader, out string text), text, "list");

    private Errno Exchange(NetlinkMessage message, Reader reader, out string text)
    {
        uint sequence = ++_sequence;
        ReadOnlySpan<byte> bytes = message.Finish(sequence);
        fixed (byte* start = bytes)
        {
            if (Libc.send((int)_socket.DangerousGetHandle(), start, (nuint)bytes.Length, 0) < 0)
            {
                throw LinuxException.Last("send", "netlink");
            }
        }

        while (true)
        {
            if (Answer(_buffer.AsSpan(0, Receive()), sequence, reader, out Errno errno, out text))
            {
                return errno;
            }
        }
    }

    private int Receive()
    {
        fixed (byte* buffer = _buffer)
        {
            while (true)
            {
                nint length = Libc.recv((int)_socket.DangerousGetHandle(), buffer, (nuint)_buffer.Length, 0);
                if (length >= 0)
                {
                    return (int)length;
                }

                LinuxException failure = LinuxException.Last("recv", "netlink");
                if (failure.Errno != Errno.EINTR)
                {
                    throw failure;
                }
            }
        }
    }

    private static bool Answer(ReadOnlySpan<byte> answer, uint sequence, Reader reader, out Errno errno, out string text)
    {
        errno = Errno.None;
        text = "";
        while (answer.Length >= HeaderSize)
        {
            int length = MemoryMarshal.Read<int>(answer);
            if (length < HeaderSize || length > answer.Length)
            {
                break;
            }

            ushort type = MemoryMarshal.Read<ushort>(answer[4..]);
            ushort flags = MemoryMarshal.Read<ushort>(answer[6..]);
            bool mine = MemoryMarshal.Read<uint>(answer[8..]) == sequence;
            if (mine && type is (ErrorMessage or DoneMessage))
            {
                errno = (Errno)(-MemoryMarshal.Read<int>(answer[HeaderSize..]));
                text = errno == Errno.None || type == DoneMessage ? "" : ExtendedText(answer[..length], flags);
                return true;
            }

            if (mine)
            {
                reader(type, answer[HeaderSize..length]);
            }

            answer = answer[Math.Min((length + 3) & ~3, answer.Length)..];
        }

        return false;
    }

    private static string? Kind(ReadOnlySpan<byte> payload)
        => TryFind(payload[sizeof(LinkMessage)..], LinkInfo, out ReadOnlySpan<byte> info) && TryFind(info, InfoKind, out ReadOnlySpan<byte> kind)
            ? Encoding.UTF8.GetString(kind).TrimEnd('\0')
            : null;

    private static string? PortName(ReadOnlySpan<byte> payload, int master)
    {
        ReadOnlySpan<byte> attributes = payload[sizeof(LinkMessage)..];
        return TryFind(attributes, LinkMaster, out ReadOnlySpan<byte> index) && MemoryMarshal.Read<int>(index) == master
            && TryFind(attributes, LinkName, out ReadOnlySpan<byte> name)
            ? Encoding.UTF8.GetString(name).TrimEnd('\0')
            : null;
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
        return TryFind(attributes, 1, out ReadOnlySpan<byte> words) ? Encoding.UTF8.GetString(words).TrimEnd('\0') : "";
    }

    private static bool TryFind(ReadOnlySpan<byte> attributes, ushort type, out ReadOnlySpan<byte> value) => NetlinkMessage.TryFind(attributes, type, out value);

    private delegate void Reader(ushort type, ReadOnlySpan<byte> payload);
}
