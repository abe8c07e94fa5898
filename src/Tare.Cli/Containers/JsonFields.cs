using System.Text.Json;

namespace Tare.Cli.Containers;

/// <summary>Writes the kinds of members that request documents consist of. Absent values are left out: the daemon's defaults hold.</summary>
internal static class JsonFields
{
    /// <summary>A text, unless it is empty.</summary>
    public static void TextUnlessEmpty(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>A number, unless it is 0.</summary>
    public static void NumberUnlessZero(Utf8JsonWriter json, string name, long value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }

    /// <summary>A truth value, unless it is false.</summary>
    public static void TrueOnly(Utf8JsonWriter json, string name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, true);
        }
    }

    /// <summary>A list of texts, unless it is empty.</summary>
    public static void TextsUnlessEmpty(Utf8JsonWriter json, string name, IReadOnlyCollection<string> values)
    {
        if (values.Count > 0)
        {
            Texts(json, name, values);
        }
    }

    /// <summary>A list of texts.</summary>
    public static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>A map of texts from pairs <c>key=value</c> (the last one of a key counts), unless there are none.</summary>
    public static void Map(Utf8JsonWriter json, string name, IReadOnlyCollection<string> pairs, char separator = '=')
    {
        if (pairs.Count == 0)
        {
            return;
        }

        SortedDictionary<string, string> map = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            int split = pair.IndexOf(separator, StringComparison.Ordinal);
            map[split < 0 ? pair : pair[..split]] = split < 0 ? string.Empty : pair[(split + 1)..];
        }

        json.WriteStartObject(name);
        foreach ((string key, string value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    /// <summary>A set, which the API writes as a map to empty objects, unless it is empty.</summary>
    public static void Set(Utf8JsonWriter json, string name, IReadOnlyCollection<string> members)
    {
        if (members.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (string member in members)
        {
            json.WriteStartObject(member);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
