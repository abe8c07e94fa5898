using System.Text.Json;
using Tare.Cli.Output;

namespace Tare.Cli.Containers;

/// <summary>Prints the ports of a container as one text, in docker's order: first the ports that are the same on both sides or exposed only, of which neighbours are drawn
/// together to ranges, then the others.</summary>
internal static class PortText
{
    /// <summary>Prints the entries of <c>Ports</c>.</summary>
    public static string Format(IEnumerable<JsonElement> ports)
    {
        List<string> complete = [];
        List<string> differing = [];
        List<Range> open = [];
        foreach (Port port in ports.Select(Read).Order())
        {
            if (port.Address.Length > 0 && port.Public != port.Private)
            {
                differing.Add($"{Host(port.Address)}:{port.Public}->{port.Private}/{port.Protocol}");
                continue;
            }

            int index = open.FindIndex(range => range.Address == port.Address && range.Protocol == port.Protocol);
            if (index < 0)
            {
                open.Add(new Range(port.Address, port.Private, port.Private, port.Protocol));
            }
            else if (port.Private == open[index].Last + 1)
            {
                open[index] = open[index] with { Last = port.Private };
            }
            else
            {
                complete.Add(open[index].ToString());
                open[index] = new Range(port.Address, port.Private, port.Private, port.Protocol);
            }
        }

        return string.Join(", ", [.. complete, .. open.Select(static range => range.ToString()), .. differing]);
    }

    /// <summary>An address as it stands before a port.</summary>
    public static string Host(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static Port Read(JsonElement port) => new(port.Number("PrivatePort"), port.Text("IP"), port.Number("PublicPort"), port.Text("Type"));

    private readonly record struct Port(long Private, string Address, long Public, string Protocol) : IComparable<Port>
    {
        public int CompareTo(Port other)
        {
            int order = Private.CompareTo(other.Private);
            order = order != 0 ? order : string.CompareOrdinal(Address, other.Address);
            order = order != 0 ? order : Public.CompareTo(other.Public);
            return order != 0 ? order : string.CompareOrdinal(Protocol, other.Protocol);
        }
    }

    private sealed record Range(string Address, long First, long Last, string Protocol)
    {
        public override string ToString()
        {
            string ports = First == Last ? $"{First}" : $"{First}-{Last}";
            return Address.Length > 0 ? $"{Host(Address)}:{ports}->{ports}/{Protocol}" : $"{ports}/{Protocol}";
        }
    }
}
