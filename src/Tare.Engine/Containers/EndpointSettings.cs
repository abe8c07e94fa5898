namespace Tare.Engine.Containers;

/// <summary>A container's end of one network (Docker Engine API, <c>EndpointSettings</c>): what was asked for, and what is in force while it runs.</summary>
public sealed class EndpointSettings
{
    /// <summary>Addresses that were asked for.</summary>
    public EndpointIpamConfig? IPAMConfig { get; set; }

    /// <summary>Links to other containers as <c>container:alias</c>.</summary>
    public List<string>? Links { get; set; }

    /// <summary>Further names of the container on this network.</summary>
    public List<string>? Aliases { get; set; }

    /// <summary>MAC address; empty chooses one.</summary>
    public string MacAddress { get; set => field = value ?? ""; } = "";

    /// <summary>Options of the network's driver.</summary>
    public Dictionary<string, string>? DriverOpts { get; set; }

    /// <summary>Which network's gateway becomes the default route: the highest wins.</summary>
    public int GwPriority { get; set; }

    /// <summary>Id of the network.</summary>
    public string NetworkID { get; set => field = value ?? ""; } = "";

    /// <summary>Id of the endpoint; empty while the container does not run.</summary>
    public string EndpointID { get; set => field = value ?? ""; } = "";

    /// <summary>IPv4 gateway.</summary>
    public string Gateway { get; set => field = value ?? ""; } = "";

    /// <summary>IPv4 address; empty while the container does not run.</summary>
    public string IPAddress { get; set => field = value ?? ""; } = "";

    /// <summary>Length of the IPv4 prefix.</summary>
    public int IPPrefixLen { get; set; }

    /// <summary>IPv6 gateway.</summary>
    public string IPv6Gateway { get; set => field = value ?? ""; } = "";

    /// <summary>IPv6 address.</summary>
    public string GlobalIPv6Address { get; set => field = value ?? ""; } = "";

    /// <summary>Length of the IPv6 prefix.</summary>
    public int GlobalIPv6PrefixLen { get; set; }

    /// <summary>Names that the embedded DNS answers for this endpoint.</summary>
    public List<string>? DNSNames { get; set; }
}
