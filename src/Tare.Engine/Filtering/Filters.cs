using System.Globalization;
using System.Text.RegularExpressions;
using Tare.Engine.Errors;
using Tare.Engine.Logs;
using Tare.Engine.Validation;

namespace Tare.Engine.Filtering;

/// <summary>Docker's filters: names with alternatives. Different names must all hold, one of the values of a name must.</summary>
/// <param name="values">The filters.</param>
internal sealed class Filters(IReadOnlyDictionary<string, IReadOnlyList<string>> values)
{
    /// <summary>Refuses names that an operation does not know.</summary>
    /// <exception cref="EngineException">InvalidArgument: <c>invalid filter 'x'</c>.</exception>
    public void Allow(params ReadOnlySpan<string> known)
    {
        foreach (string name in values.Keys)
        {
            if (!known.Contains(name))
            {
                throw EngineErrors.UnknownFilter(name);
            }
        }
    }

    /// <summary>The values of a name; empty when it is not among the filters.</summary>
    public IReadOnlyList<string> Get(string name) => values.GetValueOrDefault(name) ?? [];

    /// <summary>Whether a name is among the filters.</summary>
    public bool Has(string name) => Get(name).Count > 0;

    /// <summary>Whether the name is absent or one of its values satisfies.</summary>
    public bool Match(string name, Func<string, bool> test) => !Has(name) || Get(name).Any(test);

    /// <summary>Whether all <c>label</c> filters (<c>name</c> or <c>name=value</c>) hold and none of <c>label!</c>.</summary>
    public bool MatchLabels(IReadOnlyDictionary<string, string>? labels) =>
        Get("label").All(l => HasLabel(labels, l)) && !Get("label!").Any(l => HasLabel(labels, l));

    /// <summary>Reads a filter of one boolean.</summary>
    public bool? Boolean(string name)
    {
        if (!Has(name))
        {
            return null;
        }

        return Get(name)[0] switch
        {
            "true" or "1" or "True" => true,
            "false" or "0" or "False" => false,
            string other => throw EngineErrors.InvalidFilter(name, other),
        };
    }

    /// <summary>Reads the filter <c>until</c>: a duration back from now, a Unix time or RFC 3339.</summary>
    public DateTimeOffset? Until(TimeProvider time)
    {
        if (!Has("until"))
        {
            return null;
        }

        string text = Get("until")[0];
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
        {
            return DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        }

        if (GoDuration.TryParse(text, out TimeSpan duration))
        {
            return time.GetUtcNow() - duration;
        }

        return LogDecoder.TryParseTime(text, out DateTimeOffset instant) ? instant : throw EngineErrors.InvalidFilter("until", text);
    }

    /// <summary>Whether a text contains the pattern, read as a regular expression where it is one, as Docker matches names.</summary>
    public static bool MatchesPattern(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
        }
        catch (ArgumentException)
        {
            return text.Contains(pattern, StringComparison.Ordinal);
        }
    }

    /// <summary>Whether a text matches a pattern of <c>*</c>, <c>?</c> (Go's path.Match without classes); <c>*</c> does not match a slash.</summary>
    public static bool MatchesGlob(string pattern, string text) =>
        Regex.IsMatch(
            text,
            "^" + Regex.Escape(pattern).Replace("\\*", "[^/]*", StringComparison.Ordinal).Replace("\\?", "[^/]", StringComparison.Ordinal) + "$",
            RegexOptions.CultureInvariant,
            TimeSpan.FromMilliseconds(100));

    private static bool HasLabel(IReadOnlyDictionary<string, string>? labels, string filter)
    {
        int equals = filter.IndexOf('=', StringComparison.Ordinal);
        return labels is not null && labels.TryGetValue(equals < 0 ? filter : filter[..equals], out string? value) && (equals < 0 || value == filter[(equals + 1)..]);
    }
}
