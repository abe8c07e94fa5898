using System.Buffers;
using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>
/// Reads and writes the documents of the runtime specification token by token. A runtime reads one document in its life, and there the serializer spends
/// 2 ms and 1 MB on its own metadata before the first property (docs/decisions/0004). The result is the serializer's.
/// </summary>
public static class RuntimeDocument
{
    /// <summary>Reads a configuration (config.md).</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, has a value of a wrong type, or is null; path and line name the place.</exception>
    public static RuntimeSpec ReadSpec(ReadOnlySpan<byte> json)
        => TryRead(json, RuntimeSpecReader.ReadRuntimeSpec)
            ?? JsonSerializer.Deserialize(json, RuntimeJson.Default.RuntimeSpec)
            ?? throw new JsonException("it is null");

    /// <summary>Reads a process, as <c>exec --process</c> takes it (config.md, Process).</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, has a value of a wrong type, or is null; path and line name the place.</exception>
    public static ProcessSpec ReadProcess(ReadOnlySpan<byte> json)
        => TryRead(json, ProcessSpecReader.ReadProcessSpec)
            ?? JsonSerializer.Deserialize(json, RuntimeJson.Default.ProcessSpec)
            ?? throw new JsonException("it is null");

    /// <summary>Writes a state (runtime.md, State).</summary>
    /// <param name="state">The state.</param>
    /// <param name="indented">On several lines, for people.</param>
    /// <returns>UTF-8, without a line end.</returns>
    public static byte[] Write(ContainerState state, bool indented = false) => Write(indented, writer => Write(writer, state));

    /// <summary>Writes states as an array.</summary>
    /// <param name="states">The states.</param>
    /// <returns>UTF-8, without a line end.</returns>
    public static byte[] Write(IEnumerable<ContainerState> states) => Write(false, writer =>
    {
        writer.WriteStartArray();
        foreach (ContainerState state in states)
        {
            Write(writer, state);
        }

        writer.WriteEndArray();
    });

    private static byte[] Write(bool indented, Action<Utf8JsonWriter> content)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = indented }))
        {
            content(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, ContainerState state)
    {
        writer.WriteStartObject();
        writer.WriteString("ociVersion"u8, state.OciVersion);
        writer.WriteString("id"u8, state.Id);
        writer.WriteString("status"u8, state.Status);
        writer.WriteNumber("pid"u8, state.Pid);
        writer.WriteString("bundle"u8, state.Bundle);
        WriteOptional(writer, "rootfs"u8, state.Rootfs);
        WriteOptional(writer, "created"u8, state.Created);
        WriteOptional(writer, "owner"u8, state.Owner);
        if (state.Annotations is { } annotations)
        {
            writer.WriteStartObject("annotations"u8);
            foreach ((string name, string value) in annotations)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Reads a document; null for one that cannot be read: the serializer then reads it again and names the wrong place.</summary>
    internal static T? TryRead<T>(ReadOnlySpan<byte> json, JsonItem<T> item)
        where T : class
    {
        Utf8JsonReader reader = new(json);
        try
        {
            reader.Read();
            T? value = reader.Object(item);
            return reader.Read() ? null : value;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
