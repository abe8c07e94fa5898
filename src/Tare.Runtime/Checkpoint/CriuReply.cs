namespace Tare.Runtime.Checkpoint;

/// <summary>A message from criu (images/rpc.proto, criu_resp).</summary>
internal sealed class CriuReply
{
    /// <summary>What it answers.</summary>
    public CriuRequestKind Kind { get; private set; }

    /// <summary>Whether that succeeded.</summary>
    public bool Success { get; private set; }

    /// <summary>Of a notification: the point that was reached, as criu's action scripts call it (criu(8), --action-script).</summary>
    public string Script { get; private set; } = "";

    /// <summary>Of a notification: the first process outside.</summary>
    public int Pid { get; private set; }

    /// <summary>The error number of a failure.</summary>
    public int Error { get; private set; }

    /// <summary>The sentence of a failure; null with a criu that has none.</summary>
    public string? Message { get; private set; }

    /// <summary>The version as MAJOR * 10000 + MINOR * 100 + SUBLEVEL.</summary>
    public int Version { get; private set; }

    /// <summary>Whether changed pages can be told from others.</summary>
    public bool TracksMemory { get; private set; }

    /// <summary>Whether pages can be restored when they are touched.</summary>
    public bool LazyPages { get; private set; }

    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static CriuReply Parse(ReadOnlySpan<byte> message)
    {
        CriuReply reply = new();
        ProtobufReader reader = new(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reply.Kind = (CriuRequestKind)reader.Int32;
                    break;
                case 2:
                    reply.Success = reader.Number != 0;
                    break;
                case 5:
                    reply.ReadNotification(reader.Bytes);
                    break;
                case 7:
                    reply.Error = reader.Int32;
                    break;
                case 8:
                    reply.ReadFeatures(reader.Bytes);
                    break;
                case 9:
                    reply.Message = reader.Text;
                    break;
                case 10:
                    reply.ReadVersion(reader.Bytes);
                    break;
                default:
                    break;
            }
        }

        return reply;
    }

    private void ReadNotification(ReadOnlySpan<byte> message)
    {
        ProtobufReader reader = new(message);
        while (reader.Next())
        {
            Script = reader.Field == 1 ? reader.Text : Script;
            Pid = reader.Field == 2 ? reader.Int32 : Pid;
        }
    }

    private void ReadFeatures(ReadOnlySpan<byte> message)
    {
        ProtobufReader reader = new(message);
        while (reader.Next())
        {
            TracksMemory |= reader.Field == 1 && reader.Number != 0;
            LazyPages |= reader.Field == 2 && reader.Number != 0;
        }
    }

    private void ReadVersion(ReadOnlySpan<byte> message)
    {
        ProtobufReader reader = new(message);
        while (reader.Next())
        {
            Version += reader.Field switch
            {
                1 => reader.Int32 * 10000,
                2 => reader.Int32 * 100,
                4 => reader.Int32,
                _ => 0,
            };
        }
    }
}
