using System.Globalization;
using System.Text;
using System.Text.Json;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Templates;

/// <summary>The functions of Go's text/template and those that Docker adds.</summary>
internal static class Functions
{
    private static readonly HashSet<string> s_names =
    [
        "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "slice", "print", "printf", "println", "json", "join", "split", "lower", "upper",
        "title", "pad", "truncate", "urlquery", "html", "js", "call",
    ];

    /// <summary>Whether there is a function of the name.</summary>
    public static bool Exists(string name) => s_names.Contains(name);

    /// <summary>Calls a function.</summary>
    /// <exception cref="TemplateException">The arguments do not fit.</exception>
    public static object? Call(string name, List<object?> arguments) => name switch
    {
        "not" => !Values.IsTrue(At(name, arguments, 0)),
        "eq" => arguments.Skip(1).Any(other => Compare(arguments[0], other) == 0),
        "ne" => Compare(At(name, arguments, 0), At(name, arguments, 1)) != 0,
        "lt" => Compare(At(name, arguments, 0), At(name, arguments, 1)) < 0,
        "le" => Compare(At(name, arguments, 0), At(name, arguments, 1)) <= 0,
        "gt" => Compare(At(name, arguments, 0), At(name, arguments, 1)) > 0,
        "ge" => Compare(At(name, arguments, 0), At(name, arguments, 1)) >= 0,
        "len" => Length(At(name, arguments, 0)),
        "index" => arguments.Skip(1).Aggregate(At(name, arguments, 0), Index),
        "slice" when At(name, arguments, 0) is string text => string.Concat(Slice(arguments, text.Length)),
        "slice" => Slice(arguments, Length(At(name, arguments, 0))),
        "print" => string.Concat(arguments.Select(Values.Print)),
        "println" => string.Join(' ', arguments.Select(Values.Print)) + "\n",
        "printf" => GoFormat.Format(Text(name, arguments, 0), arguments.GetRange(1, arguments.Count - 1)),
        "json" => Values.ToJson(At(name, arguments, 0)),
        _ => CallText(name, arguments),
    };

    private static object? CallText(string name, List<object?> arguments) => name switch
    {
        "join" => string.Join(Text(name, arguments, 1), Values.Enumerate(At(name, arguments, 0)).Select(static pair => Values.Print(pair.Value))),
        "split" => new List<object?>(Text(name, arguments, 0).Split(Text(name, arguments, 1))),
        "lower" => Text(name, arguments, 0).ToLowerInvariant(),
        "upper" => Text(name, arguments, 0).ToUpperInvariant(),
        "title" => Title(Text(name, arguments, 0)),
        "pad" => Text(name, arguments, 0) is { Length: 0 } empty ? empty : new string(' ', Number(arguments, 1)) + Text(name, arguments, 0) + new string(' ', Number(arguments, 2)),
        "truncate" => Text(name, arguments, 0) is var text && text.Length > Number(arguments, 1) ? text[..Number(arguments, 1)] : text,
        "urlquery" => Uri.EscapeDataString(Text(name, arguments, 0)).Replace("%20", "+", StringComparison.Ordinal),
        "html" => System.Net.WebUtility.HtmlEncode(Text(name, arguments, 0)),
        "js" => JsonEncodedText.Encode(Text(name, arguments, 0)).ToString(),
        _ => throw new TemplateException($"template: :1: function {GoQuote.Quote(name)} not defined"),
    };

    private static object? At(string name, List<object?> arguments, int index) =>
        index < arguments.Count ? arguments[index] : throw new TemplateException($"template: :1: wrong number of args for {name}: got {arguments.Count}");

    private static string Text(string name, List<object?> arguments, int index) => At(name, arguments, index) switch
    {
        string text => text,
        Func<IReadOnlyList<object?>, object?> method => Values.Print(method([])),
        NullValue => string.Empty,
        var other => throw new TemplateException($"template: :1: error calling {name}: wrong type for value; expected string; got {Values.Print(other)}"),
    };

    private static int Number(List<object?> arguments, int index) => At("pad", arguments, index) is long number ? (int)Math.Max(0, number) : 0;

    private static int Compare(object? left, object? right) => (left, right) switch
    {
        (string first, string second) => string.CompareOrdinal(first, second),
        (bool first, bool second) => first.CompareTo(second),
        (long first, long second) => first.CompareTo(second),
        (long or double, long or double) => Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture)),
        (null or NullValue, null or NullValue) => 0,
        (null or NullValue, _) or (_, null or NullValue) => 1,
        _ => throw new TemplateException("template: :1: error calling eq: incompatible types for comparison"),
    };

    private static long Length(object? value) => value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        NullValue => 0,
        JsonElement or IReadOnlyList<object?> => Values.Enumerate(value).Count(),
        _ => throw new TemplateException($"template: :1: error calling len: len of type {Values.Print(value)}"),
    };

    private static object? Index(object? value, object? key)
    {
        switch (value, key)
        {
            case (JsonElement { ValueKind: JsonValueKind.Object } map, string name):
                return map.TryGetProperty(name, out JsonElement member) ? Values.From(member) : null;
            case (JsonElement { ValueKind: JsonValueKind.Array } list, long at) when at >= 0 && at < list.GetArrayLength():
                return Values.From(list[(int)at]);
            case (IReadOnlyList<object?> list, long at) when at >= 0 && at < list.Count:
                return list[(int)at];
            case (string text, long at) when at >= 0 && at < text.Length:
                return (long)text[(int)at];
            case (_, long at) when value is JsonElement { ValueKind: JsonValueKind.Array } or IReadOnlyList<object?> or NullValue or string:
                throw new TemplateException($"template: :1: error calling index: index out of range: {at}");
            case (null or NullValue, _):
                return value is NullValue ? null : throw new TemplateException("template: :1: error calling index: index of untyped nil");
            default:
                throw new TemplateException($"template: :1: error calling index: can't index item of type {Values.Print(value)}");
        }
    }

    private static List<object?> Slice(List<object?> arguments, long length)
    {
        long from = arguments.Count > 1 && arguments[1] is long start ? start : 0;
        long to = arguments.Count > 2 && arguments[2] is long end ? end : length;
        if (from < 0 || to > length || from > to)
        {
            throw new TemplateException($"template: :1: error calling slice: index out of range: {to}");
        }

        IEnumerable<object?> items = arguments[0] is string text ? text.Select(static letter => (object?)letter.ToString()) : Values.Enumerate(arguments[0]).Select(static pair => pair.Value);
        return [.. items.Skip((int)from).Take((int)(to - from))];
    }

    private static string Title(string text)
    {
        StringBuilder title = new(text);
        for (int i = 0; i < title.Length; i++)
        {
            if (i == 0 || char.IsWhiteSpace(title[i - 1]))
            {
                title[i] = char.ToUpperInvariant(title[i]);
            }
        }

        return title.ToString();
    }
}
