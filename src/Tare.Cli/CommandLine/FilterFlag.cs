using System.Text.Json;

namespace Tare.Cli.CommandLine;

/// <summary>The option <c>--filter name=value</c> and its form in the API: a JSON document of sets.</summary>
internal static class FilterFlag
{
    /// <summary>Defines the option.</summary>
    public static ListFlag<string> Define(FlagSet flags, char shorthand = 'f') => flags.Add(new ListFlag<string>("filter", shorthand, "filter", "Show only what meets conditions (name=value)", static text =>
        text.Contains('=', StringComparison.Ordinal) ? text : throw new FormatException("bad format of filter (expected name=value)")));

    /// <summary>The value of the query parameter <c>filters</c>; empty when there are no conditions.</summary>
    public static string ToQuery(IReadOnlyList<string> conditions)
    {
        if (conditions.Count == 0)
        {
            return string.Empty;
        }

        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            foreach (IGrouping<string, string> name in conditions.GroupBy(static text => text[..text.IndexOf('=', StringComparison.Ordinal)].Trim().ToLowerInvariant()))
            {
                json.WriteStartObject(name.Key);
                foreach (string value in name.Select(static text => text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()).Distinct())
                {
                    json.WriteBoolean(value, true);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
