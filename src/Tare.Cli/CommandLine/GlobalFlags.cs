using Tare.Cli.Client;

namespace Tare.Cli.CommandLine;

/// <summary>The options before the command.</summary>
internal sealed class GlobalFlags
{
    private readonly ValueFlag<string> _host;

    /// <summary>Defines the options.</summary>
    public GlobalFlags()
    {
        _host = Flags.Text("host", 'H', "Socket of the daemon (else TARE_HOST, then DOCKER_HOST, then unix:///run/tare/tare.sock)");
        Version = Flags.Switch("version", 'v', "Print the version and quit");
        Debug = Flags.Switch("debug", 'D', "Say more about failures", hidden: true);
        Flags.Text("log-level", 'l', "Set the log level", "info");
    }

    /// <summary>The options.</summary>
    public FlagSet Flags { get; } = new();

    /// <summary>Print the version and quit.</summary>
    public ValueFlag<bool> Version { get; }

    /// <summary>Accepted for scripts written for Docker.</summary>
    public ValueFlag<bool> Debug { get; }

    /// <summary>Makes the client of the daemon that the options and the environment name.</summary>
    /// <exception cref="FormatException">The address cannot be understood.</exception>
    public DaemonClient Connect()
    {
        DaemonAddress address = DaemonAddress.Resolve(_host.Value, Environment.GetEnvironmentVariable);
        return new DaemonClient(address, address.IsDefault ? () => DaemonStarter.Start(address) : null);
    }
}
