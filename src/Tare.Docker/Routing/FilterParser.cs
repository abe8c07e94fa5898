using System.Text.Json;
using Tare.Engine.Errors;

namespace Tare.Docker.Routing;

/// <summary>Reads the parameter <c>filters</c>: <c>{"label":["a","b"]}</c>, or the older <c>{"label":{"a":true,"b":true}}</c> that the docker CLI still sends.</summary>
internal static class FilterParser
{
    /// <summary>Reads filters; null and empty give none.</summary>
    /// <exception cref="EngineException">InvalidArgument: invalid filter.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Parse(string? text)
    {
        Dictionary<string, IReadOnlyList<string>> filters = new(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(text))
        {
            return filters;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            foreach (JsonProperty filter in Fields(document.RootElement))
            {
                filters[filter.Name] = filter.Value.ValueKind == JsonValueKind.Array
                    ? [.. filter.Value.EnumerateArray().Select(v => v.GetString() ?? throw Invalid(null))]
                    : [.. Fields(filter.Value).Where(v => v.Value.ValueKind == JsonValueKind.True).Select(v => v.Name)];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Invalid(e);
        }

        return filters;
    }

    private static JsonElement.ObjectEnumerator Fields(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : throw Invalid(null);

    private static EngineException Invalid(Exception? cause) => new(ErrorClass.InvalidArgument, "invalid filter", cause);
}
