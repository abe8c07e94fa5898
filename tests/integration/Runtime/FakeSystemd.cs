using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Tare.IntegrationTests.Runtime;

/// <summary>A message bus with a service manager behind it that says yes to everything, and keeps the calls: so much of D-Bus as the runtime uses.</summary>
internal sealed class FakeSystemd : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Lock _lock = new();
    private readonly List<(string Member, byte[] Body)> _calls = [];
    private readonly string? _error;

    /// <summary>Listens.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="error">Name of the error that StartTransientUnit answers with; null for none.</param>
    public FakeSystemd(string path, string? error = null)
    {
        _error = error;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    /// <summary>The cgroup that the manager says it is in.</summary>
    public string ControlGroup { get; init; } = "/";

    /// <summary>The methods that were called, without the bus's own.</summary>
    public IReadOnlyList<string> Members
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls.Select(call => call.Member)];
            }
        }
    }

    /// <summary>The body of the last call of a method, printable characters only.</summary>
    public string TextOf(string member)
    {
        lock (_lock)
        {
            return new string([.. _calls.Last(call => call.Member == member).Body.Select(part => part is >= 32 and < 127 ? (char)part : '.')]);
        }
    }

    /// <summary>The bytes after a text in the last call of a method.</summary>
    public byte[] After(string member, string text)
    {
        lock (_lock)
        {
            byte[] body = _calls.Last(call => call.Member == member).Body;
            return body[(body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) + text.Length)..];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                using Socket client = _listener.Accept();
                Serve(client);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Serve(Socket client)
    {
        using NetworkStream stream = new(client);
        if (stream.ReadByte() != 0 || !ReadLine(stream).StartsWith("AUTH EXTERNAL ", StringComparison.Ordinal))
        {
            return;
        }

        stream.Write("OK 0123456789abcdef0123456789abcdef\r\n"u8);
        ReadLine(stream);
        byte[] head = new byte[16];
        while (stream.ReadAtLeast(head, 16, throwOnEndOfStream: false) == 16)
        {
            int fields = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
            byte[] rest = new byte[((fields + 7) & ~7) + BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4))];
            stream.ReadExactly(rest);
            Answer(stream, BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8)), MemberOf(rest.AsSpan(0, fields)), rest[((fields + 7) & ~7)..]);
        }
    }

    private void Answer(NetworkStream stream, uint serial, string member, byte[] body)
    {
        if (member is "Hello" or "AddMatch")
        {
            stream.Write(Message(2, serial, "", "s", Text(":1.1")));
            return;
        }

        lock (_lock)
        {
            _calls.Add((member, body));
        }

        if (member == "StartTransientUnit" && _error is not null)
        {
            stream.Write(Message(3, serial, _error, "s", Text("no")));
        }
        else if (member == "Get")
        {
            stream.Write(Message(2, serial, "", "v", [1, (byte)'s', 0, 0, .. Text(ControlGroup)]));
        }
        else if (member is "StartTransientUnit" or "StopUnit")
        {
            // The signal before the answer, as it may come.
            stream.Write(Message(4, 0, "JobRemoved", "uoss", [1, 0, 0, 0, .. Text("/job/1"), 0, .. Text("unit"), 0, 0, 0, .. Text("done")]));
            stream.Write(Message(2, serial, "", "o", Text("/job/1")));
        }
        else
        {
            stream.Write(Message(2, serial, "", "", []));
        }
    }

    private static string MemberOf(ReadOnlySpan<byte> fields)
    {
        int place = fields.IndexOf((ReadOnlySpan<byte>)[3, 1, (byte)'s', 0]) + 4;
        return Encoding.UTF8.GetString(fields.Slice(place + 4, BinaryPrimitives.ReadInt32LittleEndian(fields[place..])));
    }

    private static byte[] Message(byte kind, uint reply, string name, string signature, byte[] body)
    {
        List<byte> fields = [];
        if (reply != 0)
        {
            fields.AddRange([5, 1, (byte)'u', 0, .. BitConverter.GetBytes(reply)]);
        }

        if (name.Length > 0)
        {
            fields.AddRange([kind == 3 ? (byte)4 : (byte)3, 1, (byte)'s', 0, .. Text(name)]);
            Pad(fields);
        }

        if (signature.Length > 0)
        {
            fields.AddRange([8, 1, (byte)'g', 0, (byte)signature.Length, .. Encoding.ASCII.GetBytes(signature), 0]);
        }

        int length = fields.Count;
        Pad(fields);
        return [(byte)'l', kind, 0, 1, .. BitConverter.GetBytes(body.Length), 1, 0, 0, 0, .. BitConverter.GetBytes(length), .. fields, .. body];
    }

    private static byte[] Text(string text) => [.. BitConverter.GetBytes(text.Length), .. Encoding.UTF8.GetBytes(text), 0];

    private static void Pad(List<byte> bytes)
    {
        while (bytes.Count % 8 != 0)
        {
            bytes.Add(0);
        }
    }

    private static string ReadLine(NetworkStream stream)
    {
        StringBuilder line = new();
        for (int next = stream.ReadByte(); next is not ('\n' or -1); next = stream.ReadByte())
        {
            line.Append((char)next);
        }

        return line.ToString();
    }
}
