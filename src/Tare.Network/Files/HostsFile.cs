using System.Net;
using System.Text;

namespace Tare.Network.Files;

/// <summary>A container's /etc/hosts (hosts(5)) as Docker 28 writes it.</summary>
public static class HostsFile
{
    private const string HostPath = "/etc/hosts";
    private const string HostGateway = "host-gateway";

    private const string Defaults =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    /// <summary>The text: the fixed entries, the extra ones, then the container's own.</summary>
    /// <param name="extraHosts">Entries as <c>name:address</c> or <c>name=address</c>; the address <c>host-gateway</c> stands for the host.</param>
    /// <param name="gateways">The host's addresses as the container sees them, a line for each; empty leaves entries with <c>host-gateway</c> out.</param>
    /// <param name="address">The container's address; null without a network of its own.</param>
    /// <param name="hostname">The container's host name; the first label of one with dots becomes an alias.</param>
    /// <param name="domainname">Its domain; empty for none.</param>
    /// <param name="links">Lines for other containers, without their ends; null, the default, for none.</param>
    public static string Make(IReadOnlyList<string> extraHosts, IReadOnlyList<string> gateways, IPAddress? address, string hostname, string domainname, IReadOnlyList<string>? links = null)
    {
        StringBuilder text = new(Defaults);
        foreach (string entry in extraHosts)
        {
            int split = entry.IndexOfAny([':', '=']);
            IReadOnlyList<string> targets = split <= 0 ? [] : entry[(split + 1)..].Trim('[', ']') is var given && given == HostGateway ? gateways : [given];
            foreach (string target in targets)
            {
                text.Append(target).Append('\t').Append(entry, 0, split).Append('\n');
            }
        }

        foreach (string line in links ?? [])
        {
            text.Append(line).Append('\n');
        }

        if (address is not null && hostname.Length > 0)
        {
            string full = domainname.Length > 0 ? $"{hostname}.{domainname}" : hostname;
            int dot = full.IndexOf('.', StringComparison.Ordinal);
            text.Append(address).Append('\t').Append(full).Append(dot >= 0 ? " " + full[..dot] : "").Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The text for a container in the host's network: the host's own file, unless entries are added, which Docker adds to the fixed ones.</summary>
    /// <param name="extraHosts">Entries as <c>name:address</c>.</param>
    /// <param name="gateways">What <c>host-gateway</c> stands for.</param>
    /// <exception cref="IOException">The host's file cannot be read.</exception>
    public static string MakeForHostNetwork(IReadOnlyList<string> extraHosts, IReadOnlyList<string> gateways)
        => extraHosts.Count == 0 && File.Exists(HostPath) ? File.ReadAllText(HostPath) : Make(extraHosts, gateways, null, "", "");
}
