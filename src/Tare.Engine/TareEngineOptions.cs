using Tare.Registry;

namespace Tare.Engine;

/// <summary>Where an engine keeps its things and how it is set up; the defaults are a single daemon's on a machine.</summary>
public sealed record TareEngineOptions
{
    /// <summary>Folder of all lasting data. Default <c>/var/lib/tare</c>.</summary>
    public string DataRoot { get; init; } = "/var/lib/tare";

    /// <summary>Folder of what a reboot may forget. Default <c>/run/tare</c>.</summary>
    public string ExecRoot { get; init; } = "/run/tare";

    /// <summary>Path of the program tare-runtime.</summary>
    public required string RuntimePath { get; init; }

    /// <summary>Name of the default network's bridge. Default <c>tare0</c>.</summary>
    public string BridgeName { get; init; } = "tare0";

    /// <summary>Address and prefix of the default bridge as <c>172.17.0.1/16</c> (<c>--bip</c>); null chooses a free one of Docker's pools. Empty (<c>none</c>) makes no bridge.</summary>
    public string? BridgeAddress { get; init; }

    /// <summary>MTU of the default network; 0 means 1500.</summary>
    public int Mtu { get; init; }

    /// <summary>Whether containers of the default bridge reach the outside by address translation. Default true.</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>Name servers of containers that name none (<c>--dns</c>); empty takes the host's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Log driver of containers that name none. Default <c>json-file</c>.</summary>
    public string LogDriver { get; init; } = "json-file";

    /// <summary>Options of that driver.</summary>
    public IReadOnlyDictionary<string, string> LogOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Registry hosts that are spoken to without TLS.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>How registries are spoken to, but for the two lists here.</summary>
    public RegistryOptions Registry { get; init; } = new();

    /// <summary>Mirrors of Docker Hub.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>Cgroup below which the containers' are made, beginning with <c>/</c>. Default <c>/tare</c>.</summary>
    public string CgroupParent { get; init; } = "/tare";

    /// <summary>Folders of CDI files; empty switches CDI off. Default <c>/etc/cdi</c> and <c>/var/run/cdi</c>.</summary>
    public IReadOnlyList<string> CdiFolders { get; init; } = ["/etc/cdi", "/var/run/cdi"];

    /// <summary>Whether every container gets an init unless it says otherwise (<c>--init</c>).</summary>
    public bool Init { get; init; }
}
