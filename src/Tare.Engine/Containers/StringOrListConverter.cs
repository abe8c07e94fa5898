using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>Reads a list of strings that may also be written as one string, as Docker does for commands and entry points; writes a list.</summary>
public sealed class StringOrListConverter : JsonConverter<List<string>>
{
    /// <summary>Reads a string, an array of strings or null.</summary>
    /// <exception cref="JsonException">The value is none of these.</exception>
    /// <param name="reader">Stands at the value.</param>
    /// <param name="typeToConvert">The list type.</param>
    /// <param name="options">Not used.</param>
    public override List<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return [reader.GetString()!];
            case JsonTokenType.StartArray:
                break;
            default:
                throw new JsonException($"expected a string or a list of strings, found {reader.TokenType}");
        }

        List<string> items = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                throw new JsonException($"expected a string in the list, found {reader.TokenType}");
            }

            items.Add(reader.GetString() ?? ""); // as Go's decoder
        }

        return items;
    }

    /// <summary>Writes the list as an array.</summary>
    /// <param name="writer">Takes the array.</param>
    /// <param name="value">The list.</param>
    /// <param name="options">Not used.</param>
    public override void Write(Utf8JsonWriter writer, List<string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (string item in value)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }
}
