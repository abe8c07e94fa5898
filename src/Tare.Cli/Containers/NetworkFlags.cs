using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>The options of run and create about networks, names and ports.</summary>
internal sealed class NetworkFlags
{
    /// <summary>Defines the options.</summary>
    public NetworkFlags(FlagSet flags)
    {
        Networks = flags.Add(new ListFlag<NetworkAttachment>("network", '\0', "network", "Connect the container to a network", NetworkAttachment.Parse));
        flags.Add(new ListFlag<bool>("net", '\0', "network", string.Empty, Forward(Networks)) { Hidden = true });
        Aliases = flags.List("network-alias", '\0', "Add a name for the container in its network");
        flags.Add(new ListFlag<bool>("net-alias", '\0', "list", string.Empty, Forward(Aliases)) { Hidden = true });
        Links = flags.List("link", '\0', "Add a link to another container");
        IPv4Address = flags.Text("ip", '\0', "IPv4 address (such as 172.30.100.104)");
        IPv6Address = flags.Text("ip6", '\0', "IPv6 address (such as 2001:db8::33)");
        LinkLocalAddresses = flags.List("link-local-ip", '\0', "Link-local addresses of the container");
        MacAddress = flags.Text("mac-address", '\0', "MAC address of the container (such as 92:d0:c6:0a:29:33)");
        Publish = flags.List("publish", 'p', "Publish ports of the container on the host");
        PublishAll = flags.Switch("publish-all", 'P', "Publish all exposed ports on free ports of the host");
        Expose = flags.List("expose", '\0', "Expose a port or a range of ports");
        ExtraHosts = flags.List("add-host", '\0', "Add a host name with its address (host:ip)", ExtraHost);
        Dns = flags.List("dns", '\0', "Set DNS servers", Address);
        DnsOptions = flags.List("dns-option", '\0', "Set DNS options");
        flags.Add(new ListFlag<bool>("dns-opt", '\0', "list", string.Empty, Forward(DnsOptions)) { Hidden = true });
        DnsSearch = flags.List("dns-search", '\0', "Set DNS search domains");
    }

    public ListFlag<NetworkAttachment> Networks { get; }

    public ListFlag<string> Aliases { get; }

    public ListFlag<string> Links { get; }

    public ValueFlag<string> IPv4Address { get; }

    public ValueFlag<string> IPv6Address { get; }

    public ListFlag<string> LinkLocalAddresses { get; }

    public ValueFlag<string> MacAddress { get; }

    public ListFlag<string> Publish { get; }

    public ValueFlag<bool> PublishAll { get; }

    public ListFlag<string> Expose { get; }

    public ListFlag<string> ExtraHosts { get; }

    public ListFlag<string> Dns { get; }

    public ListFlag<string> DnsOptions { get; }

    public ListFlag<string> DnsSearch { get; }

    private static Func<string, bool> Forward(Flag flag) => text =>
    {
        flag.Accept(text);
        return true;
    };

    // host:ip or host=ip; the address may stand in brackets, and host-gateway is the daemon's to fill in.
    private static string ExtraHost(string text)
    {
        int split = text.IndexOfAny(['=', ':']);
        if (split <= 0)
        {
            throw new FormatException($"bad format for add-host: {GoQuote.Quote(text)}");
        }

        string address = text[(split + 1)..];
        string bare = address.StartsWith('[') && address.EndsWith(']') ? address[1..^1] : address;
        return bare == "host-gateway" || System.Net.IPAddress.TryParse(bare, out _)
            ? $"{text[..split]}:{bare}"
            : throw new FormatException($"invalid IP address in add-host: {GoQuote.Quote(address)}");
    }

    private static string Address(string text) => System.Net.IPAddress.TryParse(text.Trim(), out _)
        ? text.Trim()
        : throw new FormatException($"IP address is not correctly formatted: {text}");
}
