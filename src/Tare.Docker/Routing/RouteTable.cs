namespace Tare.Docker.Routing;

/// <summary>Finds the operation that a method and a path name.</summary>
/// <param name="routes">The operations; where several patterns match, the first wins.</param>
internal sealed class RouteTable(IReadOnlyList<Route> routes)
{
    /// <summary>The operations in their order.</summary>
    public IReadOnlyList<Route> Routes { get; } = routes;

    /// <summary>Finds an operation.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Decoded path.</param>
    /// <returns>What was found, or null; the version is null when the path names none, and the text after <c>/v</c> is not yet checked for its range.</returns>
    public RouteMatch? Find(string method, string path)
    {
        if (path.Length < 2 || path[0] != '/')
        {
            return null;
        }

        string[] all = path[1..].Split('/');
        ReadOnlySpan<string> segments = all;
        ApiVersion? version = null;
        if (all[0].Length > 1 && all[0][0] == 'v' && ApiVersion.TryParse(all[0].AsSpan(1), out ApiVersion found))
        {
            version = found;
            segments = segments[1..];
        }

        foreach (Route route in Routes)
        {
            if (route.Method == method && route.Matches(segments, out string name))
            {
                return new RouteMatch(route, version, name);
            }
        }

        return null;
    }
}
