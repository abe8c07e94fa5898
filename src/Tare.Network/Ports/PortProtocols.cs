namespace Tare.Network.Ports;

/// <summary>Names of protocols.</summary>
public static class PortProtocols
{
    /// <summary>The name, in lower case: <c>tcp</c>.</summary>
    public static string Name(this PortProtocol protocol) => protocol switch
    {
        PortProtocol.Udp => "udp",
        PortProtocol.Sctp => "sctp",
        _ => "tcp",
    };

    /// <summary>Reads a name in any case.</summary>
    /// <exception cref="FormatException">In Docker's words: <c>invalid proto: x</c>.</exception>
    public static PortProtocol Parse(string name) => name.ToLowerInvariant() switch
    {
        "tcp" => PortProtocol.Tcp,
        "udp" => PortProtocol.Udp,
        "sctp" => PortProtocol.Sctp,
        _ => throw new FormatException("invalid proto: " + name),
    };
}
