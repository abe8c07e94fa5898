using Tare.Linux.Interop;

namespace Tare.Network.Firewall;

/// <summary>
/// The firewall rules of one bridge, in an nftables table of its own: <c>inet tare</c> for the default bridge, <c>inet tare-NAME</c> for another, so
/// that several daemons do not touch each other's. A table is replaced as a whole, in one transaction.
/// </summary>
internal static class FirewallTable
{
    private const string DefaultBridge = "tare0";

    /// <summary>Puts the rules in force.</summary>
    /// <exception cref="NetworkException">nftables refuses them, or is not there.</exception>
    public static void Install(BridgeOptions options) => Run(Script(options), $"install the firewall rules of \"{options.Name}\"");

    /// <summary>Removes the rules.</summary>
    public static void Remove(string bridge) => Run($"add table inet {TableName(bridge)}\ndelete table inet {TableName(bridge)}\n", $"remove the firewall rules of \"{bridge}\"");

    /// <summary>The commands that put the rules in force.</summary>
    public static string Script(BridgeOptions options)
    {
        string table = TableName(options.Name);
        string subnet = $"{options.Gateway}/{options.PrefixLength}";
        string masquerade = options.Masquerade ? $"ip saddr {subnet} oifname != \"{options.Name}\" masquerade" : "";
        // Adding first makes the deletion succeed where there is no table yet.
        return $$"""
            add table inet {{table}}
            delete table inet {{table}}
            table inet {{table}} {
                chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    {{masquerade}}
                }
                chain forward {
                    type filter hook forward priority filter; policy accept;
                    oifname "{{options.Name}}" ct state established,related accept
                    iifname "{{options.Name}}" accept
                    oifname "{{options.Name}}" drop
                }
            }

            """;
    }

    private static string TableName(string bridge) => bridge == DefaultBridge ? "tare" : "tare-" + bridge;

    private static void Run(string commands, string operation)
    {
        string? error;
        try
        {
            error = NfTables.Run(commands);
        }
        catch (DllNotFoundException failure)
        {
            throw new NetworkException($"{operation}: {failure.Message}", failure);
        }

        if (error is not null)
        {
            throw new NetworkException($"{operation}: {error}");
        }
    }
}
