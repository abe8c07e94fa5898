using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tare.Docker.Routing;

/// <summary>
/// Takes members that are null out of a document: for Docker's daemon a null leaves any field as it is by default, numbers too (Go's encoding/json,
/// Unmarshal), and clients send them.
/// </summary>
internal static class NullMembers
{
    /// <summary>Rewrites a document of a type where it holds such members. A null in an array or a dictionary becomes the empty value of its type.</summary>
    /// <exception cref="JsonException">The document is malformed.</exception>
    public static ReadOnlySpan<byte> Remove(ReadOnlySpan<byte> body, JsonTypeInfo type)
    {
        if (body.IndexOf("null"u8) < 0)
        {
            return body;
        }

        ArrayBufferWriter<byte> rewritten = new(body.Length);
        using Utf8JsonWriter writer = new(rewritten, new JsonWriterOptions { SkipValidation = true });
        Utf8JsonReader reader = new(body);
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return body;
        }

        Copy(body, ref reader, writer, type);

        // What follows the document is the parser's to judge.
        if (reader.Read())
        {
            return body;
        }

        writer.Flush();
        return rewritten.WrittenSpan;
    }

    private static void Copy(ReadOnlySpan<byte> body, ref Utf8JsonReader reader, Utf8JsonWriter writer, JsonTypeInfo? type)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            writer.WriteStartArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Copy(body, ref reader, writer, Element(type));
            }

            writer.WriteEndArray();
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            writer.WriteStartObject();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                CopyMember(body, ref reader, writer, type);
            }

            writer.WriteEndObject();
        }
        else if (reader.TokenType == JsonTokenType.Null)
        {
            writer.WriteRawValue(Empty(type), skipInputValidation: true);
        }
        else
        {
            writer.WriteRawValue(body[(int)reader.TokenStartIndex..(int)reader.BytesConsumed], skipInputValidation: true);
        }
    }

    private static void CopyMember(ReadOnlySpan<byte> body, ref Utf8JsonReader reader, Utf8JsonWriter writer, JsonTypeInfo? type)
    {
        string name = reader.GetString()!;
        _ = reader.Read();
        bool isObject = type?.Kind == JsonTypeInfoKind.Object;
        if (isObject && reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        writer.WritePropertyName(name);
        Copy(body, ref reader, writer, isObject ? Member(type!, name) : Element(type));
    }

    // The zero value of an element; a key whose value is null is still a key.
    private static ReadOnlySpan<byte> Empty(JsonTypeInfo? type) => type?.Kind switch
    {
        JsonTypeInfoKind.Enumerable => "[]"u8,
        JsonTypeInfoKind.Dictionary or JsonTypeInfoKind.Object => "{}"u8,
        _ => type?.Type == typeof(string) ? "\"\""u8 : "null"u8,
    };

    private static JsonTypeInfo? Member(JsonTypeInfo type, string name)
    {
        StringComparison comparison = type.Options.PropertyNameCaseInsensitive ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.Name.Equals(name, comparison))
            {
                return type.Options.GetTypeInfo(property.PropertyType);
            }
        }

        return null;
    }

    private static JsonTypeInfo? Element(JsonTypeInfo? type)
        => type?.ElementType is { } element ? type.Options.GetTypeInfo(element) : null;
}
