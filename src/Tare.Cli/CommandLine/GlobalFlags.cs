using Tare.Cli.Client;

namespace Tare.Cli.CommandLine;

/// <summary>The options before the command.</summary>
internal sealed class GlobalFlags
{
    private readonly ValueFlag<string> _host;
    private readonly ValueFlag<bool> _tls;
    private readonly ValueFlag<bool> _tlsVerify;
    private readonly ValueFlag<string> _tlsAuthority;
    private readonly ValueFlag<string> _tlsCertificate;
    private readonly ValueFlag<string> _tlsKey;
    private readonly ValueFlag<string> _configuration;

    /// <summary>Defines the options.</summary>
    public GlobalFlags()
    {
        _configuration = Flags.Text("config", '\0', "Location of client config files (else DOCKER_CONFIG, then ~/.docker)");
        _host = Flags.Text("host", 'H', "Socket of the daemon (else TARE_HOST, then DOCKER_HOST, then unix:///run/tare/tare.sock)");
        Version = Flags.Switch("version", 'v', "Print the version and quit");
        Debug = Flags.Switch("debug", 'D', "Say more about failures", hidden: true);
        _tls = Flags.Switch("tls", '\0', "Use TLS; implied by --tlsverify");
        _tlsAuthority = Flags.Text("tlscacert", '\0', "Trust certs signed only by this CA (else ca.pem of DOCKER_CERT_PATH)");
        _tlsCertificate = Flags.Text("tlscert", '\0', "Path to TLS certificate file (else cert.pem of DOCKER_CERT_PATH)");
        _tlsKey = Flags.Text("tlskey", '\0', "Path to TLS key file (else key.pem of DOCKER_CERT_PATH)");
        _tlsVerify = Flags.Switch("tlsverify", '\0', "Use TLS and verify the remote (else DOCKER_TLS_VERIFY)");
        Flags.Text("log-level", 'l', "Set the log level", "info");
    }

    /// <summary>The options.</summary>
    public FlagSet Flags { get; } = new();

    /// <summary>Print the version and quit.</summary>
    public ValueFlag<bool> Version { get; }

    /// <summary>Accepted for scripts written for Docker.</summary>
    public ValueFlag<bool> Debug { get; }

    /// <summary>Makes the options that are not the connection's known to all parts, and to the credential helpers that they run.</summary>
    public void Apply()
    {
        if (_configuration.Value.Length > 0)
        {
            Environment.SetEnvironmentVariable(ClientConfiguration.Variable, _configuration.Value);
        }
    }

    /// <summary>Makes the client of the daemon that the options and the environment name.</summary>
    /// <exception cref="FormatException">The address cannot be understood, or a file for TLS cannot be read.</exception>
    public DaemonClient Connect()
    {
        ClientTls? tls = ClientTls.Of(
            _tls.Value, _tlsVerify.IsSet ? _tlsVerify.Value : null, _tlsAuthority.Value, _tlsCertificate.Value, _tlsKey.Value, Environment.GetEnvironmentVariable);
        DaemonAddress address = DaemonAddress.Resolve(_host.Value, Environment.GetEnvironmentVariable, tls);
        return new DaemonClient(address, address.IsDefault ? () => DaemonStarter.Start(address) : null);
    }
}
