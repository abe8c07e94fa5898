using System.Text.Json;
using Tare.Cli.Output;

namespace Tare.Cli.Containers;

/// <summary>Prints the ports of a container as one text; neighbouring ports are drawn together to ranges.</summary>
internal static class PortText
{
    /// <summary>Prints the entries of <c>Ports</c>.</summary>
    public static string Format(IEnumerable<JsonElement> ports)
    {
        List<Port> sorted = [.. ports.Select(static port => new Port(port.Text("IP"), port.Number("PrivatePort"), port.Number("PublicPort"), port.Text("Type")))
            .OrderBy(static port => port.Private).ThenBy(static port => port.Address, StringComparer.Ordinal).ThenBy(static port => port.Public)
            .ThenBy(static port => port.Protocol, StringComparer.Ordinal)];
        List<string> texts = [];
        Dictionary<string, (long First, long Last)> ranges = [];
        List<string> order = [];
        foreach (Port port in sorted)
        {
            if (port.Public > 0 && port.Public != port.Private)
            {
                texts.Add($"{Host(port.Address)}:{port.Public}->{port.Private}/{port.Protocol}");
                continue;
            }

            string group = port.Public > 0 ? $"{Host(port.Address)}/{port.Protocol}" : port.Protocol;
            if (!ranges.TryGetValue(group, out (long First, long Last) range))
            {
                ranges[group] = (port.Private, port.Private);
                order.Add(group);
            }
            else if (port.Private == range.Last + 1)
            {
                ranges[group] = (range.First, port.Private);
            }
            else if (port.Private != range.Last)
            {
                texts.Add(Range(group, range));
                ranges[group] = (port.Private, port.Private);
            }
        }

        return string.Join(", ", order.Select(group => Range(group, ranges[group])).Concat(texts).OrderBy(static text => text, PortOrder.Instance));
    }

    private static string Host(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static string Range(string group, (long First, long Last) range)
    {
        int slash = group.LastIndexOf('/');
        string protocol = group[(slash + 1)..];
        string ports = range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}";
        return slash < 0 ? $"{ports}/{protocol}" : $"{group[..slash]}:{ports}->{ports}/{protocol}";
    }

    private sealed record Port(string Address, long Private, long Public, string Protocol);

    /// <summary>Ports in the order of their numbers in the container.</summary>
    private sealed class PortOrder : IComparer<string>
    {
        public static PortOrder Instance { get; } = new();

        public int Compare(string? first, string? second) => Number(first!).CompareTo(Number(second!));

        private static int Number(string text)
        {
            ReadOnlySpan<char> container = text.AsSpan(text.IndexOf('>', StringComparison.Ordinal) + 1);
            int end = container.IndexOfAny('-', '/');
            return int.Parse(container[..end], System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
