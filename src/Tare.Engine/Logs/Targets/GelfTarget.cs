using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tare.Engine.Errors;

namespace Tare.Engine.Logs.Targets;

/// <summary>The driver gelf: GELF 1.1 over UDP, compressed and in chunks, or over TCP, ended by a zero byte (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html).</summary>
internal sealed class GelfTarget : ILogTarget
{
    /// <summary>Most bytes of a chunk with its head: fits an Ethernet frame.</summary>
    private const int ChunkBytes = 1420;

    private const int ChunkHead = 12;
    private const int MostChunks = 128;
    private static readonly byte[] s_chunkMagic = [0x1e, 0x0f];

    private readonly TargetAddress _address;
    private readonly LogSubject _subject;
    private readonly SortedDictionary<string, string> _extra;
    private readonly string _compression;
    private readonly int _level;
    private TargetConnection? _connection;

    /// <summary>Makes a target of checked options.</summary>
    public GelfTarget(LogSubject subject, LogOptionReader options)
    {
        _subject = subject;
        _address = AddressOf(options.Text("gelf-address"));
        _compression = options.Text("gelf-compression-type");
        _level = LevelOf(options);
        RetryDelay = TimeSpan.FromSeconds(options.Number("gelf-tcp-reconnect-delay", 1));
        MostRetries = options.Number("gelf-tcp-max-reconnect", 3);
        _extra = LogAttributes.Of(subject);
    }

    /// <inheritdoc/>
    public bool MustBeReachable => true;

    /// <inheritdoc/>
    public TimeSpan RetryDelay { get; }

    /// <inheritdoc/>
    public ulong? MostRetries { get; }

    /// <summary>Checks options.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is wrong.</exception>
    public static void Check(LogOptionReader options)
    {
        TargetAddress address = AddressOf(options.Text("gelf-address"));
        bool isTcp = address.Protocol == "tcp";
        if (options.Has("gelf-compression-level"))
        {
            Refuse(isTcp, "compression is only supported on UDP");
            LevelOf(options);
        }

        if (options.Has("gelf-compression-type"))
        {
            Refuse(isTcp, "compression is only supported on UDP");
            string type = options.Text("gelf-compression-type");
            Refuse(type is not ("gzip" or "zlib" or "none"), $"unknown value \"{type}\" for log opt \"gelf-compression-type\" for gelf log driver");
        }

        foreach (string name in (ReadOnlySpan<string>)["gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"])
        {
            if (options.Has(name))
            {
                Refuse(!isTcp, $"\"{name}\" is only valid for TCP");
                Refuse(!uint.TryParse(options.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out _), $"\"{name}\" must be a positive integer");
            }
        }
    }

    /// <inheritdoc/>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        try
        {
            _connection = await TargetConnection.OpenAsync(_address, null, cancellationToken);
        }
        catch (IOException e)
        {
            throw new IOException($"gelf: cannot connect to GELF endpoint: {_address.Text} {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async Task SendAsync(TargetEntry entry, CancellationToken cancellationToken)
    {
        byte[] message = Format(entry);
        if (_address.Protocol == "tcp")
        {
            await _connection!.SendAsync((byte[])[.. message, 0], cancellationToken);
            return;
        }

        foreach (byte[] datagram in Chunks(Compress(message)))
        {
            await _connection!.SendAsync(datagram, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>The document of an entry.</summary>
    internal byte[] Format(TargetEntry entry)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.1");
            json.WriteString("host", Environment.MachineName);
            json.WriteString("short_message", Encoding.UTF8.GetString(entry.Text.Span));
            json.WriteNumber("timestamp", Math.Round(entry.Time.ToUnixTimeMilliseconds() / 1000m, 3));
            json.WriteNumber("level", entry.IsError ? 3 : 6);
            json.WriteString("_command", _subject.Command);
            json.WriteString("_container_id", _subject.Id);
            json.WriteString("_container_name", _subject.Name);
            json.WriteString("_created", _subject.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
            json.WriteString("_image_id", _subject.ImageId);
            json.WriteString("_image_name", _subject.Config.Image);
            json.WriteString("_tag", LogTag.Of(_subject, "{{.ID}}"));
            foreach ((string name, string value) in _extra)
            {
                json.WriteString("_" + name, value);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Cuts a message into datagrams: one, or chunks with a common id.</summary>
    internal static List<byte[]> Chunks(byte[] message)
    {
        if (message.Length <= ChunkBytes)
        {
            return [message];
        }

        const int Payload = ChunkBytes - ChunkHead;
        int count = (message.Length + Payload - 1) / Payload;
        if (count > MostChunks)
        {
            throw new InvalidDataException($"gelf: a message of {message.Length} bytes does not fit {MostChunks} chunks");
        }

        byte[] id = RandomNumberGenerator.GetBytes(8);
        return [.. Enumerable.Range(0, count).Select(i => (byte[])
            [.. s_chunkMagic, .. id, (byte)i, (byte)count, .. message.AsSpan(i * Payload, Math.Min(Payload, message.Length - (i * Payload)))])];
    }

    private byte[] Compress(byte[] message)
    {
        if (_compression == "none")
        {
            return message;
        }

        using MemoryStream packed = new();
        ZLibCompressionOptions options = new() { CompressionLevel = _level };
        using (Stream writer = _compression == "zlib" ? new ZLibStream(packed, options, leaveOpen: true) : new GZipStream(packed, options, leaveOpen: true))
        {
            writer.Write(message);
        }

        return packed.ToArray();
    }

    private static void Refuse(bool condition, string message)
    {
        if (condition)
        {
            EngineErrors.ThrowInvalid(message);
        }
    }

    private static int LevelOf(LogOptionReader options)
    {
        const int Fastest = 1;
        string text = options.Text("gelf-compression-level");
        return text.Length == 0 ? Fastest
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int level) && level is >= -1 and <= 9 ? (level < 0 ? 6 : level)
            : throw new EngineException(ErrorClass.InvalidArgument, $"unknown value \"{text}\" for log opt \"gelf-compression-level\" for gelf log driver");
    }

    private static TargetAddress AddressOf(string text)
    {
        (string scheme, string location) = TargetAddress.Split(text);
        if (scheme is not ("udp" or "tcp"))
        {
            EngineErrors.ThrowInvalid("gelf: endpoint needs to be TCP or UDP");
        }

        return location.LastIndexOf(':') > location.LastIndexOf(']')
            ? TargetAddress.Network(scheme, location, 0)
            : throw new EngineException(ErrorClass.InvalidArgument, "gelf: please provide gelf-address as proto://host:port");
    }
}
