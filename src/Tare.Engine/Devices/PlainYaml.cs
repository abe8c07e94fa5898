using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tare.Engine.Devices;

/// <summary>
/// Reads the plain part of YAML that tools write CDI files in: block mappings and sequences, scalars plain or quoted, empty and one-line flow collections. Anchors, tags,
/// block scalars and several documents are refused, not guessed at.
/// </summary>
internal sealed class PlainYaml
{
    private sealed record Line(int Number, int Indent, string Text);

    private const int DeepestNesting = 64;

    private readonly List<Line> _lines = [];
    private int _at;
    private int _depth;

    private PlainYaml(string text)
    {
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = WithoutComment(raw.TrimEnd('\r')).TrimEnd();
            string content = line.TrimStart(' ');
            if (content.Length == 0 || content is "---" or "..." || content[0] == '%')
            {
                continue;
            }

            if (content[0] == '\t')
            {
                throw new FormatException($"line {number}: a tab cannot indent");
            }

            _lines.Add(new Line(number, line.Length - content.Length, content));
        }
    }

    /// <summary>The same document as JSON.</summary>
    /// <exception cref="FormatException">It is malformed, or uses more of YAML than the plain part.</exception>
    public static string ToJson(string text)
    {
        PlainYaml reader = new(text);
        JsonNode? node = reader._lines.Count == 0 ? new JsonObject() : reader.Block(reader._lines[0].Indent);
        if (reader._at < reader._lines.Count)
        {
            throw reader.Fault("unexpected indentation");
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            node!.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private JsonNode? Block(int indent)
    {
        if (++_depth > DeepestNesting)
        {
            throw Fault("nested too deeply");
        }

        string text = _lines[_at].Text;
        JsonNode? node = text == "-" || text.StartsWith("- ", StringComparison.Ordinal) ? Sequence(indent)
            : KeyEnd(text) >= 0 ? Mapping(indent)
            : Scalar(_lines[_at++].Text);
        _depth--;
        return node;
    }

    private JsonArray Sequence(int indent)
    {
        JsonArray array = [];
        while (_at < _lines.Count && _lines[_at] is var line && line.Indent == indent && (line.Text == "-" || line.Text.StartsWith("- ", StringComparison.Ordinal)))
        {
            string rest = line.Text[1..].TrimStart(' ');
            if (rest.Length == 0)
            {
                _at++;
                array.Add(_at < _lines.Count && _lines[_at].Indent > indent ? Block(_lines[_at].Indent) : null);
                continue;
            }

            // What follows the dash is a block of its own, as far in as it stands.
            int inner = indent + line.Text.Length - rest.Length;
            _lines[_at] = line with { Indent = inner, Text = rest };
            array.Add(Block(inner));
        }

        return array;
    }

    private JsonObject Mapping(int indent)
    {
        JsonObject map = [];
        while (_at < _lines.Count && _lines[_at] is var line && line.Indent == indent && KeyEnd(line.Text) is >= 0 and int end && !line.Text.StartsWith("- ", StringComparison.Ordinal))
        {
            string key = Scalar(line.Text[..end])?.ToString() ?? "";
            string rest = line.Text[(end + 1)..].Trim();
            _at++;
            if (map.ContainsKey(key))
            {
                throw Fault($"\"{key}\" stands twice");
            }

            map[key] = rest.Length > 0 ? Scalar(rest) : Nested(indent);
        }

        return map;
    }

    // A sequence may stand as far in as the key that it belongs to.
    private JsonNode? Nested(int indent)
    {
        if (_at >= _lines.Count)
        {
            return null;
        }

        Line next = _lines[_at];
        bool isSequence = next.Text == "-" || next.Text.StartsWith("- ", StringComparison.Ordinal);
        return next.Indent > indent || (next.Indent == indent && isSequence) ? Block(next.Indent) : null;
    }

    private JsonNode? Scalar(string text)
    {
        switch (text[0])
        {
            case '"' or '[' or '{':
                return Flow(text);
            case '\'':
                return text.Length >= 2 && text[^1] == '\'' ? JsonValue.Create(text[1..^1].Replace("''", "'", StringComparison.Ordinal)) : throw Fault("a quote is not closed");
            case '&' or '*' or '!' or '|' or '>' or '@' or '`':
                throw Fault($"\"{text[0]}\" is not understood here");
        }

        return text switch
        {
            "null" or "~" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ => Number(text) is { } number ? JsonValue.Create(number) : JsonValue.Create(text),
        };
    }

    // Octal as in "0666" and "0o666": modes of files.
    private static long? Number(string text)
    {
        string digits = text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text.Length > 1 && text[0] == '0' ? text[1..] : "";
        if (digits.Length is > 0 and < 12 && digits.All(c => c is >= '0' and <= '7'))
        {
            return Convert.ToInt64(digits, 8);
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && (text.Length == 1 || text[0] != '0') ? number : null;
    }

    // Of flow collections, those that are JSON too; names without quotes in a list are quoted.
    private JsonNode? Flow(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException) when (text[0] == '[' && text[^1] == ']' && text.IndexOfAny(['"', '\'', '{', '[', ']'], 1, text.Length - 2) < 0)
        {
            return new JsonArray([.. text[1..^1].Split(',').Select(word => Scalar(word.Trim()))]);
        }
        catch (JsonException e)
        {
            throw new FormatException($"line {_lines[Math.Min(_at, _lines.Count - 1)].Number}: {text}: not understood", e);
        }
    }

    /// <summary>The place of the colon after a key; -1 when the line has none.</summary>
    private static int KeyEnd(string text)
    {
        if (text[0] is '"' or '\'')
        {
            int close = text.IndexOf(text[0], 1);
            return close > 0 && close + 1 < text.Length && text[close + 1] == ':' ? close + 1 : -1;
        }

        if (text[0] is '[' or '{')
        {
            return -1;
        }

        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        return colon >= 0 ? colon : text[^1] == ':' ? text.Length - 1 : -1;
    }

    private static string WithoutComment(string line)
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                quote = line[i] == quote ? '\0' : quote;
            }
            else if (line[i] is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '[' or ','))
            {
                quote = line[i];
            }
            else if (line[i] == '#' && (i == 0 || line[i - 1] == ' '))
            {
                return line[..i];
            }
        }

        return line;
    }

    private FormatException Fault(string what) => new($"line {_lines[Math.Min(_at, _lines.Count - 1)].Number}: {what}");
}
