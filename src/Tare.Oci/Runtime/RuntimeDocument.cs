using System.Buffers;
using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>
/// Reads and writes the documents of the runtime specification token by token. A runtime reads one document in its life, and there the serializer spends
/// 2 ms and 1 MB on its own metadata before the first property (docs/decisions/0004). The result is what <see cref="RuntimeJson"/> reads.
/// </summary>
public static class RuntimeDocument
{
    /// <summary>Reads a configuration (config.md).</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, has a value of a wrong type, or is null; path and line name the place.</exception>
    public static RuntimeSpec ReadSpec(ReadOnlySpan<byte> json)
        => Read(json, RuntimeSpecReader.ReadRuntimeSpec);

    /// <summary>Reads a process, as <c>exec --process</c> takes it (config.md, Process).</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, has a value of a wrong type, or is null; path and line name the place.</exception>
    public static ProcessSpec ReadProcess(ReadOnlySpan<byte> json)
        => Read(json, ProcessSpecReader.ReadProcessSpec);

    /// <summary>Reads limits, as <c>update --resources</c> takes them (config-linux.md, Control groups).</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, has a value of a wrong type, or is null; path and line name the place.</exception>
    public static LinuxResources ReadResources(ReadOnlySpan<byte> json)
        => Read(json, LinuxResourcesReader.ReadLinuxResources);

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
        using (Utf8JsonWriter writer = new(buffer, PlainJsonEncoder.WriterOptions(indented)))
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
        writer.WriteNumber("pid"u8, state.Pid);
        writer.WriteString("status"u8, state.Status);
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

    /// <summary>Reads a document of one object.</summary>
    /// <exception cref="JsonException">It is no JSON, has a value of a wrong type, or is null; path and line name the place.</exception>
    internal static T Read<T>(ReadOnlySpan<byte> json, JsonItem<T> item)
        where T : class
    {
        Utf8JsonReader reader = new(json);
        try
        {
            reader.Read();
            T value = reader.Object(item) ?? throw new InvalidOperationException();
            reader.Read(); // throws when something follows
            return value;
        }
        catch (JsonException failure)
        {
            throw JsonPlace.Of(json, reader.BytesConsumed).Failure("it is not well-formed JSON", failure);
        }
        catch (InvalidOperationException failure)
        {
            throw JsonPlace.Of(json, reader.TokenStartIndex).Failure($"{Describe(reader.TokenType)} does not fit here", failure);
        }
        catch (FormatException failure)
        {
            throw JsonPlace.Of(json, reader.TokenStartIndex).Failure("the number does not fit: it is too large, negative or fractional", failure);
        }
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        _ => "this",
    };
}
