using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Tare.Engine.Logs.Targets;

/// <summary>The driver journald: one datagram of the journal's native protocol for each entry (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/), with Docker's field names.</summary>
internal sealed class JournaldTarget : ILogTarget
{
    private const string DefaultSocket = "/run/systemd/journal/socket";

    private readonly string _socket;
    private readonly byte[] _fields;
    private TargetConnection? _connection;

    /// <summary>Makes a target.</summary>
    public JournaldTarget(LogSubject subject, string socket = DefaultSocket)
    {
        _socket = socket;
        using MemoryStream fields = new();
        string tag = LogTag.Of(subject, "{{.ID}}");
        Add(fields, "CONTAINER_ID", subject.ShortId);
        Add(fields, "CONTAINER_ID_FULL", subject.Id);
        Add(fields, "CONTAINER_NAME", subject.Name);
        Add(fields, "CONTAINER_TAG", tag);
        Add(fields, "IMAGE_NAME", subject.Config.Image);
        Add(fields, "SYSLOG_IDENTIFIER", tag);
        foreach ((string name, string value) in LogAttributes.Of(subject))
        {
            Add(fields, FieldName(name), value);
        }

        _fields = fields.ToArray();
    }

    /// <inheritdoc/>
    public bool MustBeReachable => true;

    /// <inheritdoc/>
    public TimeSpan RetryDelay => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public ulong? MostRetries => null;

    /// <inheritdoc/>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        if (!File.Exists(_socket))
        {
            throw new IOException("journald is not enabled on this host");
        }

        _connection = await TargetConnection.OpenAsync(new TargetAddress("unixgram", _socket, 0), null, cancellationToken);
    }

    /// <inheritdoc/>
    public Task SendAsync(TargetEntry entry, CancellationToken cancellationToken) => _connection!.SendAsync(Format(entry), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>The bytes of a datagram.</summary>
    internal byte[] Format(TargetEntry entry)
    {
        using MemoryStream message = new();
        message.Write(_fields);
        Add(message, "PRIORITY", entry.IsError ? "3" : "6");
        Add(message, "SYSLOG_TIMESTAMP", entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        if (entry.Part is { } part)
        {
            Add(message, "CONTAINER_PARTIAL_ID", part.Id);
            Add(message, "CONTAINER_PARTIAL_ORDINAL", part.Ordinal.ToString(CultureInfo.InvariantCulture));
            Add(message, "CONTAINER_PARTIAL_LAST", part.IsLast ? "true" : "false");
            if (!part.IsLast)
            {
                Add(message, "CONTAINER_PARTIAL_MESSAGE", "true");
            }
        }

        Add(message, "MESSAGE", entry.Text.Span);
        return message.ToArray();
    }

    /// <summary>Capital letters, digits and underscores, and no underscore in front, which the journal keeps for itself.</summary>
    private static string FieldName(string name)
    {
        string field = string.Concat(name.ToUpperInvariant().Select(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) ? c : '_')).TrimStart('_');
        return field.Length == 0 || char.IsAsciiDigit(field[0]) ? "N" + field : field;
    }

    private static void Add(MemoryStream message, string name, string value) => Add(message, name, Encoding.UTF8.GetBytes(value));

    private static void Add(MemoryStream message, string name, ReadOnlySpan<byte> value)
    {
        message.Write(Encoding.ASCII.GetBytes(name));
        if (value.Contains((byte)'\n'))
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)value.Length);
            message.WriteByte((byte)'\n');
            message.Write(length);
        }
        else
        {
            message.WriteByte((byte)'=');
        }

        message.Write(value);
        message.WriteByte((byte)'\n');
    }
}
