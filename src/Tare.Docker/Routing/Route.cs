namespace Tare.Docker.Routing;

/// <summary>
/// One operation of the API. A pattern is a path whose segments are literals, <c>{name}</c> for one segment, or <c>{name*}</c> for
/// one or more (image names hold slashes).
/// </summary>
internal sealed class Route
{
    private readonly string[] _pattern;
    private readonly int _wild;

    /// <summary>Makes a route.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="pattern">Path pattern that begins with a slash.</param>
    /// <param name="handler">Answers the request.</param>
    public Route(string method, string pattern, Func<ApiRequest, Task> handler)
    {
        Method = method;
        Pattern = pattern;
        Handler = handler;
        _pattern = pattern[1..].Split('/');
        _wild = Array.FindIndex(_pattern, s => s.EndsWith("*}", StringComparison.Ordinal));
    }

    /// <summary>HTTP method.</summary>
    public string Method { get; }

    /// <summary>Path pattern.</summary>
    public string Pattern { get; }

    /// <summary>Answers the request.</summary>
    public Func<ApiRequest, Task> Handler { get; }

    /// <summary>Compares a path, and gives the value of the pattern's name (no pattern has two).</summary>
    /// <param name="segments">The path's segments without version.</param>
    /// <param name="name">The value; empty when the pattern has no name.</param>
    public bool Matches(ReadOnlySpan<string> segments, out string name)
    {
        name = "";
        if (_wild < 0 ? segments.Length != _pattern.Length : segments.Length < _pattern.Length)
        {
            return false;
        }

        int extra = segments.Length - _pattern.Length;
        for (int i = 0; i < _pattern.Length; i++)
        {
            int at = _wild >= 0 && i > _wild ? i + extra : i;
            if (_pattern[i][0] != '{')
            {
                if (_pattern[i] != segments[at])
                {
                    return false;
                }

                continue;
            }

            name = i == _wild ? string.Join('/', segments.Slice(at, extra + 1)!) : segments[at];
            if (name.Length == 0)
            {
                return false;
            }
        }

        return true;
    }
}
