using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Linux.DBus;

/// <summary>A connection to a message bus over a unix socket. Every call blocks, for at most half a minute. One thread.</summary>
public sealed unsafe class DBusConnection : IDisposable
{
    private const string Bus = "org.freedesktop.DBus";
    private const string BusPath = "/org/freedesktop/DBus";
    private const int PatienceMilliseconds = 30_000;
    private readonly SafeFileHandle _socket;
    private readonly List<DBusMessage> _signals = [];
    private byte[] _buffer = new byte[4096];
    private int _filled;
    private uint _serial;

    private DBusConnection(SafeFileHandle socket) => _socket = socket;

    /// <summary>Connects, authenticates as this process's user (SASL mechanism EXTERNAL) and says hello.</summary>
    /// <param name="path">The bus's socket: <c>/run/dbus/system_bus_socket</c>.</param>
    /// <exception cref="LinuxException">Nobody listens there.</exception>
    /// <exception cref="DBusException">The bus does not let this user in.</exception>
    public static DBusConnection Connect(string path)
    {
        DBusConnection connection = new(DescriptorPassing.Connect(path));
        try
        {
            connection.Authenticate();
            connection.CallMethod(Bus, BusPath, Bus, "Hello");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Calls a method and waits for its answer.</summary>
    /// <param name="destination">Name of the service.</param>
    /// <param name="path">The object.</param>
    /// <param name="interfaceName">The interface.</param>
    /// <param name="member">The method.</param>
    /// <param name="signature">Types of its arguments.</param>
    /// <param name="arguments">Writes them; null for none.</param>
    /// <exception cref="DBusException">The service answered with an error.</exception>
    /// <exception cref="LinuxException">The connection broke; ETIMEDOUT: no answer came.</exception>
    public DBusMessage CallMethod(string destination, string path, string interfaceName, string member, string signature = "", Action<DBusWriter>? arguments = null)
    {
        DBusWriter body = new();
        arguments?.Invoke(body);
        DBusMessage call = new()
        {
            Kind = DBusMessage.Call,
            Serial = ++_serial,
            Destination = destination,
            Path = path,
            Interface = interfaceName,
            Member = member,
            BodySignature = signature,
            Body = body.Written.ToArray(),
        };
        Send(call.ToBytes());
        while (true)
        {
            DBusMessage message = Receive();
            if (message.Kind == DBusMessage.Signal)
            {
                _signals.Add(message);
            }
            else if (message.ReplySerial == call.Serial)
            {
                return message.Kind != DBusMessage.Error ? message : throw new DBusException(message.ErrorName ?? "", message.BodySignature.StartsWith('s') ? new DBusReader(message.Body).String() : member);
            }
        }
    }

    /// <summary>Asks the bus for signals.</summary>
    /// <param name="rule">A match rule: <c>type='signal',member='JobRemoved'</c>.</param>
    public void AddMatch(string rule) => CallMethod(Bus, BusPath, Bus, "AddMatch", "s", arguments => arguments.String(rule));

    /// <summary>The first signal that fits, of those that came already or come now.</summary>
    /// <exception cref="LinuxException">ETIMEDOUT: none came.</exception>
    public DBusMessage AwaitSignal(Predicate<DBusMessage> fits)
    {
        while (true)
        {
            int index = _signals.FindIndex(fits);
            if (index >= 0)
            {
                DBusMessage found = _signals[index];
                _signals.RemoveAt(index);
                return found;
            }

            DBusMessage message = Receive();
            if (message.Kind == DBusMessage.Signal)
            {
                _signals.Add(message);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Authenticate()
    {
        string uid = Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Libc.geteuid().ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Send(Encoding.ASCII.GetBytes($"\0AUTH EXTERNAL {uid}\r\n"));
        int end;
        while ((end = _buffer.AsSpan(0, _filled).IndexOf("\r\n"u8)) < 0)
        {
            Fill();
        }

        string answer = Encoding.ASCII.GetString(_buffer, 0, end);
        if (!answer.StartsWith("OK ", StringComparison.Ordinal))
        {
            throw new DBusException("org.freedesktop.DBus.Error.AuthFailed", $"the bus answers \"{answer}\"");
        }

        Consume(end + 2);
        Send("BEGIN\r\n"u8);
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int sent = 0; sent < bytes.Length;)
            {
                nint written = Libc.write((int)_socket.DangerousGetHandle(), start + sent, (nuint)(bytes.Length - sent));
                sent += written < 0 ? throw LinuxException.Last("write", "bus") : (int)written;
            }
        }
    }

    private DBusMessage Receive()
    {
        while (true)
        {
            if (DBusMessage.LengthOf(_buffer.AsSpan(0, _filled)) is { } length && length <= _filled)
            {
                DBusMessage message = DBusMessage.Parse(_buffer.AsSpan(0, length));
                Consume(length);
                return message;
            }

            Fill();
        }
    }

    private void Fill()
    {
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        Libc.pollfd ready = new() { fd = (int)_socket.DangerousGetHandle(), events = Libc.POLLIN };
        if (Libc.poll(&ready, 1, PatienceMilliseconds) == 0)
        {
            throw new LinuxException(Errno.ETIMEDOUT, "read", "bus");
        }

        fixed (byte* buffer = _buffer)
        {
            nint got = Libc.read(ready.fd, buffer + _filled, (nuint)(_buffer.Length - _filled));
            _filled += got > 0 ? (int)got : throw (got == 0 ? new LinuxException(Errno.ECONNRESET, "read", "bus") : LinuxException.Last("read", "bus"));
        }
    }

    private void Consume(int length)
    {
        _buffer.AsSpan(length, _filled - length).CopyTo(_buffer);
        _filled -= length;
    }
}
