using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tare.Cli.Templates;

/// <summary>
/// What templates do with values. A value is null, bool, long, double, string, a <see cref="NullValue"/>, a list or map of JSON (<see cref="JsonElement"/>), a
/// list of values, or a row of a table (<see cref="TemplateRow"/>).
/// </summary>
internal static class Values
{
    // Members that Docker leaves out of its documents when they are empty, but that its own templates know.
    private static readonly HashSet<string> s_optional =
    [
        "Annotations", "ExposedPorts", "Health", "Healthcheck", "Init", "MacAddress", "Mounts", "NetworkDisabled", "OnBuild", "Shell", "StopSignal", "StopTimeout",
        "StorageOpt", "Sysctls", "Tmpfs", "SizeRw", "SizeRootFs", "Variant", "Options", "ArgsEscaped",
    ];

    private static readonly HashSet<string> s_maps = ["Volumes", "Labels", "Options", "PortBindings", "ExposedPorts", "Sysctls", "Tmpfs", "StorageOpt", "Annotations", "Ports", "Networks"];

    /// <summary>A JSON value as a value of templates.</summary>
    public static object? From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.TryGetInt64(out long whole) ? whole : element.GetDouble(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => element,
    };

    /// <summary>A field of a value.</summary>
    /// <param name="value">What the field belongs to.</param>
    /// <param name="name">The name of the field.</param>
    /// <param name="fail">Makes the exception from a reason.</param>
    public static object? Field(object? value, string name, Func<string, TemplateException> fail)
    {
        switch (value)
        {
            case TemplateRow row:
                return row.TryGet(name, out object? cell) ? cell : throw fail($"can't evaluate field {name} in type *formatter.{row.TypeName}");
            case JsonElement { ValueKind: JsonValueKind.Object } map when map.TryGetProperty(name, out JsonElement member):
                return member.ValueKind == JsonValueKind.Null ? (s_maps.Contains(name) ? NullValue.Map : NullValue.List) : From(member);
            case JsonElement { ValueKind: JsonValueKind.Object } when s_optional.Contains(name):
                return s_maps.Contains(name) ? NullValue.Map : NullValue.Pointer;
            case JsonElement { ValueKind: JsonValueKind.Object }:
                throw fail($"map has no entry for key {CommandLine.GoQuote.Quote(name)}");
            case null or NullValue:
                throw fail($"nil pointer evaluating interface {{}}.{name}");
            default:
                throw fail($"can't evaluate field {name} in type {TypeName(value)}");
        }
    }

    /// <summary>Whether a value counts as true: not empty, not zero, not nil.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or NullValue => false,
        bool truth => truth,
        long whole => whole != 0,
        double number => number != 0,
        string text => text.Length > 0,
        JsonElement { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() > 0,
        JsonElement { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().Any(),
        IReadOnlyList<object?> list => list.Count > 0,
        _ => true,
    };

    /// <summary>The keys and values of a list or map.</summary>
    /// <exception cref="TemplateException">The value is neither.</exception>
    public static IEnumerable<(object? Key, object? Value)> Enumerate(object? value) => value switch
    {
        null or NullValue => [],
        JsonElement { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(static (item, index) => ((object?)(long)index, From(item))),
        JsonElement { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().OrderBy(static member => member.Name, StringComparer.Ordinal)
            .Select(static member => ((object?)member.Name, From(member.Value))),
        IReadOnlyList<object?> list => list.Select(static (item, index) => ((object?)(long)index, item)),
        _ => throw new TemplateException($"template: :1: range can't iterate over {Print(value)}"),
    };

    /// <summary>A value as it is printed.</summary>
    public static string Print(object? value)
    {
        switch (value)
        {
            case null:
                return "<no value>";
            case bool truth:
                return truth ? "true" : "false";
            case long whole:
                return whole.ToString(CultureInfo.InvariantCulture);
            case double number:
                return PrintNumber(number);
            case Func<IReadOnlyList<object?>, object?> method:
                return Print(method([]));
            case JsonElement { ValueKind: JsonValueKind.Object } map:
                return $"map[{string.Join(' ', Enumerate(map).Select(static pair => $"{pair.Key}:{PrintInside(pair.Value)}"))}]";
            case JsonElement { ValueKind: JsonValueKind.Array }:
            case IReadOnlyList<object?>:
                return $"[{string.Join(' ', Enumerate(value).Select(static pair => PrintInside(pair.Value)))}]";
            default:
                return value.ToString() ?? string.Empty;
        }
    }

    /// <summary>A value as JSON, in the form of Go's encoder: compact, with <c>&lt; &gt; &amp;</c> escaped.</summary>
    public static string ToJson(object? value)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteJson(json, value);
        }

        return new StringBuilder(Encoding.UTF8.GetString(buffer.ToArray())).Replace("<", "\\u003c").Replace(">", "\\u003e").Replace("&", "\\u0026").ToString();
    }

    private static void WriteJson(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or NullValue:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case long whole:
                json.WriteNumberValue(whole);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case JsonElement element:
                element.WriteTo(json);
                break;
            case TemplateRow row:
                row.WriteJson(json, WriteJson);
                break;
            case IReadOnlyList<object?> list:
                json.WriteStartArray();
                foreach (object? item in list)
                {
                    WriteJson(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }

    private static string PrintInside(object? value) => value is null ? "<nil>" : Print(value);

    private static string PrintNumber(double number) =>
        Math.Abs(number) is >= 1e21 or (< 1e-4 and not 0) ? number.ToString("0.################e+00", CultureInfo.InvariantCulture) : number.ToString("0.#################", CultureInfo.InvariantCulture);

    private static string TypeName(object value) => value switch
    {
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        _ => "interface {}",
    };
}
