using System.Text.Json;

namespace Tare.Cli.Output;

/// <summary>Reads members that may be missing or null: the daemon may be older, newer or another's.</summary>
internal static class JsonReading
{
    /// <summary>A text; empty when it is not there.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? string.Empty : string.Empty;

    /// <summary>A whole number; 0 when it is not there.</summary>
    public static long Number(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long value) ? value : 0;

    /// <summary>A truth value; false when it is not there.</summary>
    public static bool Flag(this JsonElement element, string name) => element.Member(name).ValueKind == JsonValueKind.True;

    /// <summary>A member; of kind Undefined when it is not there.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : default;

    /// <summary>The items of a list; none when it is not there.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The members of a map; none when it is not there.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject() : [];

    /// <summary>The texts of a list; none when it is not there.</summary>
    public static IEnumerable<string> Texts(this JsonElement element, string name) => element.Items(name).Select(static item => item.ToString());

    /// <summary>A time given in seconds since 1970.</summary>
    public static DateTimeOffset UnixTime(this JsonElement element, string name) => DateTimeOffset.FromUnixTimeSeconds(element.Number(name));
}
