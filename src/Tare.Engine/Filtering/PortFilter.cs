using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Networks;

namespace Tare.Engine.Filtering;

/// <summary>A port or range of ports that a list is filtered by: <c>80</c>, <c>80/udp</c>, <c>8000-8010</c>.</summary>
internal sealed class PortFilter
{
    private readonly int _first;
    private readonly int _last;
    private readonly string _protocol;

    private PortFilter(int first, int last, string protocol)
    {
        _first = first;
        _last = last;
        _protocol = protocol;
    }

    /// <summary>Reads a filter's value.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is no port.</exception>
    public static PortFilter Parse(string filter, string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string numbers = slash < 0 ? text : text[..slash];
        if (!PortPlan.TryRange(numbers, out (int First, int Last) range))
        {
            EngineErrors.ThrowInvalid($"error while looking up for {filter} {text}: strconv.ParseUint: parsing \"{numbers}\": invalid syntax");
        }

        return new PortFilter(range.First, range.Last, slash < 0 ? "tcp" : text[(slash + 1)..]);
    }

    /// <summary>Whether one of these ports of the host is published.</summary>
    public bool MatchesPublished(IReadOnlyDictionary<string, List<PortBinding>?> ports) =>
        ports.Any(port => (port.Value ?? []).Exists(binding => Matches(binding.HostPort, port.Key)));

    /// <summary>Whether one of these ports of the container is exposed.</summary>
    public bool MatchesExposed(IReadOnlyDictionary<string, List<PortBinding>?> ports) => ports.Keys.Any(port => Matches(port.Split('/')[0], port));

    private bool Matches(string number, string port) => port.EndsWith("/" + _protocol, StringComparison.Ordinal)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= _first && value <= _last;
}
