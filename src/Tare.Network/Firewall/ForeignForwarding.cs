using System.Globalization;
using System.Text;
using Tare.Linux.Interop;

namespace Tare.Network.Firewall;

/// <summary>
/// Passage through a foreign firewall. A packet must be let through by every table: where Docker or ufw has set the policy of iptables' FORWARD chain to drop, no
/// rule of an own table helps. Then two rules go where they are meant to go: into DOCKER-USER, the chain that Docker keeps for the user's rules
/// (https://docs.docker.com/engine/network/packet-filtering-firewalls/), or else to the top of FORWARD. They are marked by a comment, and written as
/// iptables-nft writes its own (interface, counter, verdict), so that its tools go on reading the chain.
/// </summary>
/// <param name="bridge">Name of the bridge.</param>
internal sealed class ForeignForwarding(string bridge)
{
    private const string Table = "ip filter";
    private const string UserChain = "DOCKER-USER";
    private const string ForwardChain = "FORWARD";

    /// <summary>By which the rules are found again.</summary>
    private string Comment => $"tare {bridge}";

    /// <summary>Adds the rules where they are needed and missing.</summary>
    /// <exception cref="NfTablesException">The firewall refused.</exception>
    public void Open()
    {
        string? forward = TryList(ForwardChain);
        if (forward is null || !forward.Contains("policy drop", StringComparison.Ordinal))
        {
            return;
        }

        string? user = forward.Contains("jump " + UserChain, StringComparison.Ordinal) ? TryList(UserChain) : null;
        string chain = user is null ? ForwardChain : UserChain;
        if (Handles(user ?? forward).Count == 2)
        {
            return;
        }

        Close();
        NfTables.Run($"""
            insert rule {Table} {chain} oifname "{bridge}" counter accept comment "{Comment}"
            insert rule {Table} {chain} iifname "{bridge}" counter accept comment "{Comment}"

            """);
    }

    /// <summary>Removes the rules.</summary>
    /// <exception cref="NfTablesException">The firewall refused.</exception>
    public void Close()
    {
        StringBuilder script = new();
        foreach (string chain in (ReadOnlySpan<string>)[UserChain, ForwardChain])
        {
            foreach (int handle in Handles(TryList(chain) ?? ""))
            {
                script.Append(CultureInfo.InvariantCulture, $"delete rule {Table} {chain} handle {handle}\n");
            }
        }

        if (script.Length > 0)
        {
            NfTables.Run(script.ToString());
        }
    }

    /// <summary>Handles of the rules with our mark in a listing.</summary>
    internal List<int> Handles(string listing)
    {
        List<int> handles = [];
        foreach (string line in listing.Split('\n'))
        {
            int handle = line.LastIndexOf("# handle ", StringComparison.Ordinal);
            if (handle >= 0 && line.Contains($"comment \"{Comment}\"", StringComparison.Ordinal)
                && int.TryParse(line.AsSpan(handle + "# handle ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                handles.Add(number);
            }
        }

        return handles;
    }

    private static string? TryList(string chain)
    {
        try
        {
            return NfTables.Run($"list chain {Table} {chain}\n");
        }
        catch (NfTablesException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
