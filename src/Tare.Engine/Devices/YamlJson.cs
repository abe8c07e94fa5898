using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tare.Engine.Devices;

/// <summary>
/// Gives a YAML document as JSON, so that one set of types reads both. Plain scalars become numbers and truth values by YAML's core schema (1.2, section 10.3), and octal numbers
/// also as YAML 1.1 wrote them (<c>0640</c>): modes of files are.
/// </summary>
internal sealed class YamlJson
{
    private const int DeepestNesting = 64;

    private readonly IParser _parser;
    private readonly Dictionary<string, JsonNode?> _anchors = new(StringComparer.Ordinal);
    private int _aliased;

    private YamlJson(IParser parser) => _parser = parser;

    /// <summary>Reads the first document; an empty one is an empty object.</summary>
    /// <exception cref="FormatException">It is malformed; the message has the line.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            Parser parser = new(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return new JsonObject();
            }

            parser.Consume<DocumentStart>();
            JsonNode? node = new YamlJson(parser).Node(0);
            parser.Consume<DocumentEnd>();
            return node;
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.Message}", e);
        }
    }

    private JsonNode? Node(int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new FormatException($"line {_parser.Current!.Start.Line}: nested too deeply");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Aliased(alias);
        }

        if (!_parser.Accept<NodeEvent>(out var begin))
        {
            throw new FormatException($"line {_parser.Current!.Start.Line}: a value is missing");
        }

        JsonNode? node = begin switch
        {
            MappingStart => Mapping(depth),
            SequenceStart => Sequence(depth),
            _ => ValueOf(_parser.Consume<Scalar>()),
        };
        if (!begin.Anchor.IsEmpty)
        {
            _anchors[begin.Anchor.Value] = node;
        }

        return node;
    }

    // Aliases of aliases of aliases grow without bound.
    private JsonNode? Aliased(AnchorAlias alias)
    {
        const int Most = 1000;
        return ++_aliased <= Most && _anchors.TryGetValue(alias.Value.Value, out JsonNode? node) && node is null or JsonValue
            ? node?.DeepClone()
            : throw new FormatException($"line {alias.Start.Line}: alias \"{alias.Value}\": only those of scalars that stand before it are understood");
    }

    private JsonObject Mapping(int depth)
    {
        JsonObject map = [];
        _parser.Consume<MappingStart>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = _parser.Consume<Scalar>();
            if (!map.TryAdd(key.Value, Node(depth + 1)))
            {
                throw new FormatException($"line {key.Start.Line}: \"{key.Value}\" stands twice");
            }
        }

        return map;
    }

    private JsonArray Sequence(int depth)
    {
        JsonArray array = [];
        _parser.Consume<SequenceStart>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            array.Add(Node(depth + 1));
        }

        return array;
    }

    private static JsonNode? ValueOf(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain || !scalar.Tag.IsEmpty)
        {
            return scalar.Value;
        }

        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ => Number(scalar.Value) is { } number ? number : scalar.Value,
        };
    }

    private static long? Number(string text)
    {
        string octal = text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text is ['0', _, ..] ? text[1..] : "";
        if (octal.Length is > 0 and < 12 && octal.All(c => c is >= '0' and <= '7'))
        {
            return Convert.ToInt64(octal, 8);
        }

        return (text.Length == 1 || text[0] != '0') && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
    }
}
