using System.Text;

namespace Tare.Engine.Images;

/// <summary>Puts values in the place of variables in instructions of a Dockerfile: <c>$NAME</c>, <c>${NAME}</c>, <c>${NAME:-default}</c> and <c>${NAME:+other}</c> (Dockerfile reference, environment replacement).</summary>
internal static class VariableExpansion
{
    /// <summary>Expands a text that has no quotes of its own.</summary>
    /// <param name="text">The text; a backslash takes the meaning from the dollar that follows.</param>
    /// <param name="environment">Variables as <c>NAME=value</c>; null for none.</param>
    public static string Expand(string text, IReadOnlyList<string>? environment)
    {
        StringBuilder result = new();
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '$')
            {
                result.Append('$');
                at += 2;
            }
            else if (text[at] == '$')
            {
                result.Append(Take(text, ref at, environment));
            }
            else
            {
                result.Append(text[at++]);
            }
        }

        return result.ToString();
    }

    /// <summary>Reads the variable that begins at a dollar, and gives its value; the dollar itself where none begins.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Place of the dollar; moved behind the variable.</param>
    /// <param name="environment">Variables as <c>NAME=value</c>; null for none.</param>
    public static string Take(string text, ref int at, IReadOnlyList<string>? environment)
    {
        bool isBraced = at + 1 < text.Length && text[at + 1] == '{';
        int begin = at + (isBraced ? 2 : 1);
        int end = begin;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        string name = text[begin..end];
        int close = isBraced ? text.IndexOf('}', end) : end - 1;
        if (name.Length == 0 || close < 0)
        {
            at++;
            return "$";
        }

        string value = ValueOf(name, environment);
        string modifier = isBraced ? text[end..close] : "";
        at = close + 1;
        return modifier switch
        {
            ['-', .. string otherwise] when !Has(name, environment) => otherwise,
            [':', '-', .. string otherwise] when value.Length == 0 => otherwise,
            [':', '+', .. string other] => value.Length > 0 ? other : "",
            ['+', .. string other] => Has(name, environment) ? other : "",
            _ => value,
        };
    }

    private static bool Has(string name, IReadOnlyList<string>? environment) => environment?.Any(v => v.StartsWith(name + "=", StringComparison.Ordinal)) ?? false;

    private static string ValueOf(string name, IReadOnlyList<string>? environment) =>
        environment?.LastOrDefault(v => v.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "";
}
