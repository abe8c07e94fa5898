using Tare.Linux.Interop;
using Tare.Network.Ports;

namespace Tare.Network.Firewall;

/// <summary>The firewall of a bridge: a table of its own, and passage through a foreign one that would drop what is not its own.</summary>
/// <param name="rules">What it shall do.</param>
internal sealed class BridgeFirewall(FirewallRules rules)
{
    private readonly ForeignForwarding _foreign = new(rules.Bridge);

    /// <summary>Brings everything to what it shall be, whatever is there.</summary>
    /// <exception cref="NfTablesException">The firewall refused; it is as it was.</exception>
    public void Apply(IEnumerable<PublishedPort> ports)
    {
        NfTables.Run(FirewallScript.Replace(rules, ports));
        if (rules.Filter)
        {
            _foreign.Open();
        }
        else
        {
            _foreign.Close();
        }
    }

    /// <summary>Publishes ports.</summary>
    /// <exception cref="NfTablesException">The firewall refused: the table is gone, or another has the port.</exception>
    public void Add(IEnumerable<PublishedPort> ports) => Run(FirewallScript.Add(rules, ports));

    /// <summary>Publishes ports no more.</summary>
    /// <exception cref="NfTablesException">The firewall refused: the table or a port is gone.</exception>
    public void Delete(IEnumerable<PublishedPort> ports) => Run(FirewallScript.Delete(rules, ports));

    /// <summary>Removes everything.</summary>
    /// <exception cref="NfTablesException">The firewall refused.</exception>
    public void Remove()
    {
        NfTables.Run(FirewallScript.Remove(rules));
        _foreign.Close();
    }

    /// <summary>Ports of IPv6 addresses alone give the firewall nothing to do.</summary>
    private static void Run(string script)
    {
        if (script.Length > 0)
        {
            NfTables.Run(script);
        }
    }
}
