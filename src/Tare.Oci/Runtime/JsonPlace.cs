using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Where in a document something is wrong.</summary>
/// <param name="Path">The value: <c>$.process.rlimits[0].soft</c>.</param>
/// <param name="Line">The line, counted from 0.</param>
internal readonly record struct JsonPlace(string Path, long Line)
{
    /// <summary>Finds the value that stands at, or begins before, a position.</summary>
    /// <param name="json">The document, UTF-8; it need be well-formed up to the position only.</param>
    /// <param name="position">The position in bytes.</param>
    public static JsonPlace Of(ReadOnlySpan<byte> json, long position)
    {
        position = Math.Min(position, json.Length);
        long line = json[..(int)position].Count((byte)'\n');
        Utf8JsonReader reader = new(json);
        // A level is an object (its name is that of the property) or an array (its name is null and its index counts).
        List<(string? Name, int Index)> levels = [];
        try
        {
            while (reader.Read() && reader.TokenStartIndex <= position)
            {
                Follow(ref reader, levels);
            }
        }
        catch (JsonException)
        {
            // This is the place.
        }

        StringBuilder path = new("$");
        foreach ((string? name, int index) in levels)
        {
            if (name is null && index >= 0)
            {
                path.Append(CultureInfo.InvariantCulture, $"[{index}]");
            }
            else if (name is { Length: > 0 })
            {
                path.Append('.').Append(name);
            }
        }

        return new JsonPlace(path.ToString(), line);
    }

    /// <summary>The error for this place.</summary>
    public JsonException Failure(string message, Exception inner) => new(message, Path, Line, null, inner);

    private static void Follow(ref Utf8JsonReader reader, List<(string? Name, int Index)> levels)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            levels[^1] = (reader.GetString(), 0);
            return;
        }

        if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
        {
            levels.RemoveAt(levels.Count - 1);
            return;
        }

        if (levels.Count > 0 && levels[^1].Name is null)
        {
            levels[^1] = (null, levels[^1].Index + 1);
        }

        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            levels.Add(reader.TokenType == JsonTokenType.StartArray ? (null, -1) : ("", 0));
        }
    }
}
