using System.Net.Http.Headers;

namespace Tare.Registry.Auth;

/// <summary>What a registry asks for in WWW-Authenticate (distribution, Token Authentication).</summary>
/// <param name="Scheme">Bearer or Basic.</param>
/// <param name="Parameters">realm, service, scope…</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>The first challenge that can be met; null for none.</summary>
    public static AuthChallenge? Find(HttpResponseHeaders headers)
    {
        foreach (AuthenticationHeaderValue value in headers.WwwAuthenticate)
        {
            if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            {
                return new AuthChallenge(value.Scheme, Parse(value.Parameter ?? ""));
            }
        }

        return null;
    }

    /// <summary>Reads <c>key="value",key=value</c>; quoted values may hold commas.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        Dictionary<string, string> parameters = new(StringComparer.OrdinalIgnoreCase);
        int position = 0;
        while (position < text.Length)
        {
            int equals = text.IndexOf('=', position);
            if (equals < 0)
            {
                break;
            }

            string key = text[position..equals].Trim(' ', ',');
            (string value, position) = Value(text, equals + 1);
            parameters[key] = value;
        }

        return parameters;
    }

    private static (string Value, int Next) Value(string text, int start)
    {
        if (start >= text.Length || text[start] != '"')
        {
            int comma = text.IndexOf(',', start);
            return comma < 0 ? (text[start..].Trim(), text.Length) : (text[start..comma].Trim(), comma + 1);
        }

        System.Text.StringBuilder value = new();
        int position = start + 1;
        while (position < text.Length && text[position] != '"')
        {
            position += text[position] == '\\' && position + 1 < text.Length ? 1 : 0;
            value.Append(text[position++]);
        }

        return (value.ToString(), position + 1);
    }
}
