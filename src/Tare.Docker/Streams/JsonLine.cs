using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tare.Docker.Streams;

/// <summary>
/// A document and the end of its line as one piece. Clients take a stream apart by its chunks, and some stumble over an end that comes alone.
/// </summary>
internal static class JsonLine
{
    /// <summary>The end of most lines.</summary>
    public static ReadOnlySpan<byte> End => "\n"u8;

    /// <summary>The end of lines of progress.</summary>
    public static ReadOnlySpan<byte> ProgressEnd => "\r\n"u8;

    /// <summary>Serializes, UTF-8.</summary>
    public static ReadOnlyMemory<byte> Serialize<T>(T document, JsonTypeInfo<T> type, ReadOnlySpan<byte> end)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Encoder = type.Options.Encoder }))
        {
            JsonSerializer.Serialize(writer, document, type);
        }

        buffer.Write(end);
        return buffer.WrittenMemory;
    }
}
