using System.Globalization;
using Tare.Engine.Containers;

namespace Tare.Engine.Links;

/// <summary>The variables by which a container is told of another that it links to: <c>DB_PORT=tcp://172.17.0.2:5432</c> and so on.</summary>
internal static class LinkVariables
{
    private sealed record Port(int Number, string Protocol);

    /// <summary>Makes them.</summary>
    /// <param name="parent">Name of the container that has the link.</param>
    /// <param name="alias">The other's name there.</param>
    /// <param name="address">The other's address.</param>
    /// <param name="config">The other's configuration: its ports and variables.</param>
    public static List<string> Make(string parent, string alias, string address, ContainerConfig config)
    {
        string prefix = alias.ToUpperInvariant().Replace('-', '_');
        List<string> variables = [$"{prefix}_NAME=/{parent}/{alias}"];
        List<Port> ports = [.. (config.ExposedPorts?.Keys ?? Enumerable.Empty<string>()).SelectMany(Parse).OrderBy(p => p.Number).ThenByDescending(p => p.Protocol == "tcp")];
        if (ports.OrderByDescending(p => p.Protocol == "tcp").FirstOrDefault() is { } first)
        {
            variables.Add($"{prefix}_PORT={Url(first, address)}");
        }

        for (int i = 0; i < ports.Count;)
        {
            int end = i;
            while (end + 1 < ports.Count && ports[end + 1].Protocol == ports[i].Protocol && ports[end + 1].Number == ports[end].Number + 1)
            {
                end++;
            }

            AddRange(variables, prefix, address, ports.GetRange(i, end - i + 1));
            i = end + 1;
        }

        foreach (string variable in config.Env ?? [])
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && variable[..equals] is not ("HOME" or "PATH"))
            {
                variables.Add($"{prefix}_ENV_{variable}");
            }
        }

        return variables;
    }

    private static void AddRange(List<string> variables, string prefix, string address, List<Port> range)
    {
        string protocol = range[0].Protocol;
        if (range.Count > 1)
        {
            string all = Name(prefix, range[0]);
            variables.Add($"{all}_START={Url(range[0], address)}");
            variables.Add($"{all}_ADDR={address}");
            variables.Add($"{all}_PROTO={protocol}");
            variables.Add(string.Create(CultureInfo.InvariantCulture, $"{all}_PORT_START={range[0].Number}"));
            variables.Add($"{all}_END={Url(range[^1], address)}");
            variables.Add(string.Create(CultureInfo.InvariantCulture, $"{all}_PORT_END={range[^1].Number}"));
        }

        foreach (Port port in range)
        {
            string name = Name(prefix, port);
            variables.Add($"{name}={Url(port, address)}");
            variables.Add($"{name}_ADDR={address}");
            variables.Add(string.Create(CultureInfo.InvariantCulture, $"{name}_PORT={port.Number}"));
            variables.Add($"{name}_PROTO={protocol}");
        }
    }

    private static string Name(string prefix, Port port) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_PORT_{port.Number}_{port.Protocol.ToUpperInvariant()}");

    private static string Url(Port port, string address) => string.Create(CultureInfo.InvariantCulture, $"{port.Protocol}://{address}:{port.Number}");

    private static IEnumerable<Port> Parse(string text)
    {
        string[] words = text.Split('/');
        string protocol = words.Length > 1 ? words[1] : "tcp";
        string[] ends = words[0].Split('-');
        if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last))
        {
            yield break;
        }

        for (int number = first; number <= last; number++)
        {
            yield return new Port(number, protocol);
        }
    }
}
