using System.Buffers;
using System.Text.Json;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Shim.Protocol;

/// <summary>
/// The shim's side of the protocol: reads requests and writes what answers them, token by token. The same lines as <see cref="ShimJsonContext"/>'s,
/// without the serializer, which costs each shim 3 MiB for as long as it lives (docs/decisions/0004).
/// </summary>
public static class ShimWire
{
    /// <summary>Reads a request line.</summary>
    /// <exception cref="JsonException">It is no request; path and line name the place.</exception>
    public static ShimRequest ReadRequest(ReadOnlySpan<byte> line)
        => RuntimeDocument.Read(line, ReadRequest);

    /// <summary>The line of a reply, without its end.</summary>
    public static byte[] Write(ShimReply reply) => Write(reply, static (writer, reply) =>
    {
        writer.WriteBoolean("ok"u8, reply.Ok);
        WriteString(writer, "kind"u8, reply.Kind);
        WriteString(writer, "message"u8, reply.Message);
        WriteNumber(writer, "pid"u8, reply.Pid);
        if (reply.State is { } state)
        {
            writer.WriteStartObject("state"u8);
            WriteState(writer, state);
            writer.WriteEndObject();
        }
    });

    /// <summary>The line of an event, without its end.</summary>
    public static byte[] Write(ShimEvent occurrence) => Write(occurrence, static (writer, occurrence) =>
    {
        writer.WriteString("event"u8, occurrence.Event);
        WriteString(writer, "execId"u8, occurrence.ExecId);
        WriteNumber(writer, "exitCode"u8, occurrence.ExitCode);
        if (occurrence.At is { } at)
        {
            writer.WriteString("at"u8, at);
        }

        if (occurrence.Oom is { } oom)
        {
            writer.WriteBoolean("oom"u8, oom);
        }
    });

    /// <summary>The content of an exit file.</summary>
    public static byte[] Write(ExitRecord exit) => Write(exit, WriteExit);

    private static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, PlainJsonEncoder.WriterOptions()))
        {
            writer.WriteStartObject();
            members(writer, value);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteState(Utf8JsonWriter writer, ShimState state)
    {
        writer.WriteNumber("pid"u8, state.Pid);
        writer.WriteString("status"u8, state.Status);
        writer.WriteNumber("shimPid"u8, state.ShimPid);
        if (state.Exit is { } exit)
        {
            writer.WriteStartObject("exit"u8);
            WriteExit(writer, exit);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("execs"u8);
        foreach (ShimExecState session in state.Execs)
        {
            writer.WriteStartObject();
            writer.WriteString("execId"u8, session.ExecId);
            writer.WriteNumber("pid"u8, session.Pid);
            writer.WriteBoolean("running"u8, session.Running);
            WriteNumber(writer, "exitCode"u8, session.ExitCode);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteExit(Utf8JsonWriter writer, ExitRecord exit)
    {
        writer.WriteNumber("exitCode"u8, exit.ExitCode);
        writer.WriteString("exitedAt"u8, exit.ExitedAt);
        writer.WriteBoolean("oomKilled"u8, exit.OomKilled);
    }

    private static void WriteString(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static ShimRequest ReadRequest(ref Utf8JsonReader reader)
    {
        ShimRequest value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("op"u8))
            {
                value.Op = reader.GetString()!;
            }
            else if (reader.Is("stateRoot"u8))
            {
                value.StateRoot = reader.GetString();
            }
            else if (reader.Is("root"u8))
            {
                value.Root = reader.Object(ReadRoot);
            }
            else if (reader.Is("log"u8))
            {
                value.Log = reader.Object(ReadLog);
            }
            else if (reader.Is("openStdin"u8))
            {
                value.OpenStdin = reader.GetBoolean();
            }
            else if (reader.Is("stdinOnce"u8))
            {
                value.StdinOnce = reader.GetBoolean();
            }
            else if (reader.Is("exitFile"u8))
            {
                value.ExitFile = reader.GetString();
            }
            else if (reader.Is("oomWatch"u8))
            {
                value.OomWatch = reader.GetBoolean();
            }
            else if (reader.Is("init"u8))
            {
                value.Init = reader.GetBoolean();
            }
            else if (reader.Is("stdin"u8))
            {
                value.Stdin = reader.GetBoolean();
            }
            else if (reader.Is("stdout"u8))
            {
                value.Stdout = reader.GetBoolean();
            }
            else if (reader.Is("stderr"u8))
            {
                value.Stderr = reader.GetBoolean();
            }
            else if (reader.Is("execId"u8))
            {
                value.ExecId = reader.GetString();
            }
            else if (reader.Is("process"u8))
            {
                value.Process = reader.Object(ProcessSpecReader.ReadProcessSpec);
            }
            else if (reader.Is("detach"u8))
            {
                value.Detach = reader.GetBoolean();
            }
            else if (reader.Is("rows"u8))
            {
                value.Rows = reader.GetInt32();
            }
            else if (reader.Is("cols"u8))
            {
                value.Cols = reader.GetInt32();
            }
            else if (reader.Is("signal"u8))
            {
                value.Signal = reader.GetInt32();
            }
            else if (reader.Is("all"u8))
            {
                value.All = reader.GetBoolean();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    private static ShimRoot ReadRoot(ref Utf8JsonReader reader)
    {
        ShimRoot value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("lower"u8))
            {
                value.Lower = reader.StringList()!;
            }
            else if (reader.Is("upper"u8))
            {
                value.Upper = reader.GetString()!;
            }
            else if (reader.Is("work"u8))
            {
                value.Work = reader.GetString()!;
            }
            else if (reader.Is("limitSocket"u8))
            {
                value.LimitSocket = reader.GetString();
            }
            else if (reader.Is("isMounted"u8))
            {
                value.IsMounted = reader.GetBoolean();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    private static ShimLog ReadLog(ref Utf8JsonReader reader)
    {
        ShimLog value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("path"u8))
            {
                value.Path = reader.GetString()!;
            }
            else if (reader.Is("maxSizeBytes"u8))
            {
                value.MaxSizeBytes = reader.GetInt64();
            }
            else if (reader.Is("maxFiles"u8))
            {
                value.MaxFiles = reader.GetInt32();
            }
            else if (reader.Is("compact"u8))
            {
                value.Compact = reader.GetBoolean();
            }
            else if (reader.Is("attributes"u8))
            {
                value.Attributes = reader.GetString();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
