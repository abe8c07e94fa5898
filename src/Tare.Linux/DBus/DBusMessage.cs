namespace Tare.Linux.DBus;

/// <summary>A message: a call, its answer, an error, or a signal (D-Bus specification, Message Format).</summary>
public sealed class DBusMessage
{
    /// <summary>A method call.</summary>
    public const byte Call = 1;

    /// <summary>The answer to one.</summary>
    public const byte Return = 2;

    /// <summary>An error as the answer.</summary>
    public const byte Error = 3;

    /// <summary>A signal.</summary>
    public const byte Signal = 4;

    private const byte LittleEndian = (byte)'l';
    private const byte Version = 1;
    private const int FixedHeader = 16;
    private const int Longest = 1 << 24; // ours; the specification allows 128 MiB

    /// <summary>One of the four kinds.</summary>
    public byte Kind { get; init; }

    /// <summary>Number of the message, by its sender.</summary>
    public uint Serial { get; init; }

    /// <summary>The call that this answers; 0 for none.</summary>
    public uint ReplySerial { get; init; }

    /// <summary>The object.</summary>
    public string? Path { get; init; }

    /// <summary>The interface.</summary>
    public string? Interface { get; init; }

    /// <summary>The method or signal.</summary>
    public string? Member { get; init; }

    /// <summary>Name of an error.</summary>
    public string? ErrorName { get; init; }

    /// <summary>Whom it is for.</summary>
    public string? Destination { get; init; }

    /// <summary>Types of the body's values.</summary>
    public string BodySignature { get; init; } = "";

    /// <summary>The body.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The message as it goes over the wire.</summary>
    public byte[] ToBytes()
    {
        DBusWriter writer = new();
        writer.Byte(LittleEndian).Byte(Kind).Byte(0).Byte(Version).UInt32((uint)Body.Length).UInt32(Serial);
        writer.Array(8, fields =>
        {
            Field(fields, 1, "o", Path);
            Field(fields, 2, "s", Interface);
            Field(fields, 3, "s", Member);
            Field(fields, 4, "s", ErrorName);
            if (ReplySerial != 0)
            {
                fields.Align(8).Byte(5).Variant("u", value => value.UInt32(ReplySerial));
            }

            Field(fields, 6, "s", Destination);
            if (BodySignature.Length > 0)
            {
                fields.Align(8).Byte(8).Variant("g", value => value.Signature(BodySignature));
            }
        });
        return writer.Align(8).Raw(Body).Written.ToArray();
    }

    /// <summary>How long the message is whose beginning is given; null while that cannot be told.</summary>
    /// <exception cref="DBusException">It is no message of this specification.</exception>
    public static int? LengthOf(ReadOnlySpan<byte> start)
    {
        if (start.Length < FixedHeader)
        {
            return null;
        }

        if (start[0] != LittleEndian || start[3] != Version)
        {
            throw new DBusException("org.freedesktop.DBus.Error.InconsistentMessage", "a message is not little-endian or not of version 1");
        }

        uint body = BitConverter.ToUInt32(start[4..]);
        uint fields = BitConverter.ToUInt32(start[12..]);
        return body > Longest || fields > Longest
            ? throw new DBusException("org.freedesktop.DBus.Error.InconsistentMessage", "a message is too long")
            : (int)(((FixedHeader + fields + 7) & ~7u) + body);
    }

    /// <summary>Reads a whole message.</summary>
    /// <exception cref="DBusException">It is damaged.</exception>
    public static DBusMessage Parse(ReadOnlySpan<byte> bytes)
    {
        DBusReader reader = new(bytes);
        reader.Byte();
        byte kind = reader.Byte();
        reader.Byte();
        reader.Byte();
        uint bodyLength = reader.UInt32();
        uint serial = reader.UInt32();
        uint fieldsLength = reader.UInt32();
        int end = reader.Position + (int)fieldsLength;
        Dictionary<byte, string> texts = [];
        uint reply = 0;
        while (reader.Position < end)
        {
            reader.Align(8);
            byte code = reader.Byte();
            switch (reader.Signature())
            {
                case "s" or "o":
                    texts[code] = reader.String();
                    break;
                case "g":
                    texts[code] = reader.Signature();
                    break;
                case "u":
                    uint number = reader.UInt32();
                    reply = code == 5 ? number : reply;
                    break;
                default:
                    throw new DBusException("org.freedesktop.DBus.Error.InconsistentMessage", "a header field has a type that no field has");
            }
        }

        return new DBusMessage
        {
            Kind = kind,
            Serial = serial,
            ReplySerial = reply,
            Path = texts.GetValueOrDefault((byte)1),
            Interface = texts.GetValueOrDefault((byte)2),
            Member = texts.GetValueOrDefault((byte)3),
            ErrorName = texts.GetValueOrDefault((byte)4),
            Destination = texts.GetValueOrDefault((byte)6),
            BodySignature = texts.GetValueOrDefault((byte)8, ""),
            Body = bytes[^(int)bodyLength..].ToArray(),
        };
    }

    private static void Field(DBusWriter fields, byte code, string signature, string? text)
    {
        if (text is not null)
        {
            fields.Align(8).Byte(code).Variant(signature, value => value.String(text));
        }
    }
}
