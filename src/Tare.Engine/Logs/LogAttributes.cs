using System.Text.Json;
using System.Text.RegularExpressions;
using Tare.Engine.Containers;

namespace Tare.Engine.Logs;

/// <summary>The labels and variables that a log's entries carry: options <c>labels</c>, <c>labels-regex</c>, <c>env</c>, <c>env-regex</c>.</summary>
internal static class LogAttributes
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>The chosen labels and variables, by name.</summary>
    public static SortedDictionary<string, string> Of(LogSubject subject)
    {
        LogOptionReader options = new(subject.Log.Config ?? []);
        SortedDictionary<string, string> chosen = new(StringComparer.Ordinal);
        Add(chosen, options.Text("labels"), options.Text("labels-regex"), subject.Config.Labels ?? []);
        Add(chosen, options.Text("env"), options.Text("env-regex"), Variables(subject.Config.Env ?? []));
        return chosen;
    }

    /// <summary>What lines of the json-file format carry: the chosen ones and the tag, as an object of JSON; null for none.</summary>
    public static string? JsonOf(LogSubject subject)
    {
        SortedDictionary<string, string> chosen = Of(subject);
        if (LogTag.Of(subject, "") is { Length: > 0 } tag)
        {
            chosen["tag"] = tag;
        }

        return chosen.Count == 0 ? null : JsonSerializer.Serialize(new Dictionary<string, string>(chosen), EngineJson.Default.DictionaryStringString);
    }

    private static void Add(SortedDictionary<string, string> chosen, string names, string pattern, Dictionary<string, string> values)
    {
        foreach (string name in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (values.TryGetValue(name, out string? value))
            {
                chosen[name] = value;
            }
        }

        foreach ((string name, string value) in values)
        {
            if (pattern.Length > 0 && Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant, s_patience))
            {
                chosen[name] = value;
            }
        }
    }

    private static Dictionary<string, string> Variables(List<string> environment)
    {
        Dictionary<string, string> variables = [];
        foreach (string variable in environment)
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                variables[variable[..equals]] = variable[(equals + 1)..];
            }
        }

        return variables;
    }
}
