using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tare.Daemon.Hosting;
using Tare.Docker;

namespace Tare.Daemon.Options;

/// <summary>The command line of tared: dockerd's flags where they mean the same.</summary>
internal sealed class DaemonCommand
{
    private readonly Option<string[]> _hosts = Many("--host", "Where to listen: unix://PATH, tcp://HOST:PORT, or fd:// for systemd's sockets (default unix:///run/tare/tare.sock)", "-H");
    private readonly Option<string?> _dataRoot = One("--data-root", "Folder of all lasting data (default /var/lib/tare)", "-g");
    private readonly Option<string?> _execRoot = One("--exec-root", "Folder of the running state (default /run/tare)");
    private readonly Option<string?> _pidFile = One("--pidfile", "File that receives the process id (default EXEC-ROOT/tared.pid)", "-p");
    private readonly Option<string?> _configFile = One("--config-file", $"Configuration file (default {ConfigFile.DefaultPath})");
    private readonly Option<string?> _bridgeAddress = One("--bip", "Address and prefix length of the default bridge");
    private readonly Option<string?> _bridge = One("--bridge", "Name of the default bridge, or none (default tare0)", "-b");
    private readonly Option<int?> _mtu = Number("--mtu", "MTU of the default network (default 1500)");
    private readonly Option<bool?> _interContainer = Truth("--icc", "Let containers of the default bridge reach each other (default true)");
    private readonly Option<string?> _publishAddress = One("--ip", "Address of the host that ports are published on where a container names none (default 0.0.0.0)");
    private readonly Option<bool?> _forwarding = Truth("--ip-forward", "Let the machine forward packets (default true)");
    private readonly Option<string?> _fixedCidr = One("--fixed-cidr", "Part of the default bridge's subnet that containers get addresses of");
    private readonly Option<string?> _defaultGateway = One("--default-gateway", "Where containers of the default bridge send what is not for it (default: the bridge)");
    private readonly Option<bool?> _directRouting = Truth("--allow-direct-routing", "Let others reach published ports at the containers' own addresses (default false)");
    private readonly Option<bool?> _userlandProxy = Truth("--userland-proxy", "Offer published ports on the host's IPv6 addresses, by a relay in the daemon (default true)");
    private readonly Option<bool?> _ipv6 = Truth("--ipv6", "IPv6 of the default bridge, which has none (only false)");
    private readonly Option<bool?> _firewallIPv6 = Truth("--ip6tables", "Make firewall rules for IPv6, of which none are needed");
    private readonly Option<string?> _fixedCidrIPv6 = One("--fixed-cidr-v6", "IPv6 subnet of the default bridge, which has none");
    private readonly Option<string?> _bridgeAddressIPv6 = One("--bip6", "IPv6 address of the default bridge, which has none");
    private readonly Option<string?> _defaultGatewayIPv6 = One("--default-gateway-v6", "IPv6 gateway of the default bridge, which has none");
    private readonly Option<string?> _firewallBackend = One("--firewall-backend", "What makes the firewall rules: nftables");
    private readonly Option<string[]> _hostGateways = Many("--host-gateway-ip", "What host-gateway stands for in added entries of /etc/hosts (default: the default bridge's address)");
    private readonly Option<string[]> _defaultNetworkOptions = Many("--default-network-opt", "Default options of user-defined networks, which are not here");
    private readonly Option<string[]> _dns = Many("--dns", "Name servers of containers");
    private readonly Option<string?> _cgroupParent = One("--cgroup-parent", "Cgroup of the containers' cgroups (default /tare)");
    private readonly Option<bool?> _init = Truth("--init", "Run an init in every container");
    private readonly Option<bool?> _firewall = Truth("--iptables", "Make firewall rules, by nftables (default true)");
    private readonly Option<bool?> _masquerade = Truth("--ip-masq", "Let the default network reach the outside (default true)");
    private readonly Option<string?> _logLevel = One("--log-level", "debug, info, warn, error or fatal (default info)", "-l");
    private readonly Option<string?> _logFormat = One("--log-format", "Form of the daemon's log: text or json (default text)");
    private readonly Option<string?> _logDriver = One("--log-driver", "Log driver of containers that name none (default json-file)");
    private readonly Option<string[]> _logOptions = Many("--log-opt", "Options of that driver, as name=value");
    private readonly Option<bool?> _tls = Truth("--tls", "Speak TLS on TCP");
    private readonly Option<bool?> _tlsVerify = Truth("--tlsverify", "Speak TLS on TCP, with clients that have a certificate");
    private readonly Option<string?> _tlsAuthority = One("--tlscacert", "Certificates of the authority that signs clients' (default ~/.docker/ca.pem)");
    private readonly Option<string?> _tlsCertificate = One("--tlscert", "The daemon's certificate (default ~/.docker/cert.pem)");
    private readonly Option<string?> _tlsKey = One("--tlskey", "The key of the daemon's certificate (default ~/.docker/key.pem)");
    private readonly Option<bool?> _debug = Truth("--debug", "The same as --log-level debug", "-D");
    private readonly Option<string[]> _insecureRegistries = Many("--insecure-registry", "Registries that are spoken to without TLS");
    private readonly Option<string[]> _registryMirrors = Many("--registry-mirror", "Mirrors of Docker Hub");
    private readonly Option<string?> _registryCertificates = One("--registry-certs", "Folder of the registries' certificates, HOST:PORT/*.crt, *.cert and *.key (default /etc/docker/certs.d)");
    private readonly Option<int?> _maximumDownloads = Number("--max-concurrent-downloads", "How many layers of a pull are fetched at once (default 3)");
    private readonly Option<int?> _maximumUploads = Number("--max-concurrent-uploads", "How many layers of a push are sent at once (default 5)");
    private readonly Option<int?> _maximumDownloadAttempts = Number("--max-download-attempts", "How often a broken download is tried (default 5)");
    private readonly Option<string?> _httpProxy = One("--http-proxy", "Proxy towards registries for plain HTTP (default: the environment's)");
    private readonly Option<string?> _httpsProxy = One("--https-proxy", "Proxy towards registries for HTTPS (default: the environment's)");
    private readonly Option<string?> _noProxy = One("--no-proxy", "Hosts, networks and addresses that are reached without proxy, separated by commas");
    private readonly Option<string[]> _labels = Many("--label", "Labels of the daemon, as name=value");
    private readonly Option<bool?> _liveRestore = Truth("--live-restore", "Keep containers running when the daemon ends (default true)");
    private readonly Option<string?> _usernsRemap = One("--userns-remap", "Run containers in user namespaces with the subordinate ids of default, USER[:GROUP] or UID[:GID]");
    private readonly Option<string?> _defaultRuntime = One("--default-runtime", "Runtime of containers that name none (default runc, which is tare-runtime here)");
    private readonly Option<int?> _shutdownTimeout = Number("--shutdown-timeout", "Seconds in which all containers must have stopped when they do not outlive the daemon; -1 for no limit (default 15)");
    private readonly Option<string?> _defaultShmSize = One("--default-shm-size", "Size of /dev/shm of containers that name none (default 64M)");
    private readonly Option<string?> _defaultIpcMode = One("--default-ipc-mode", "IPC mode of containers that name none: private or shareable (default private)");
    private readonly Option<string?> _defaultCgroupnsMode = One("--default-cgroupns-mode", "Cgroup namespace of containers that name none: host or private");
    private readonly Option<bool?> _noNewPrivileges = Truth("--no-new-privileges", "Let processes gain no privileges unless their container says otherwise");
    private readonly Option<string?> _seccompProfile = One("--seccomp-profile", "File of the default seccomp profile, or unconfined (default builtin)");
    private readonly Option<string[]> _dnsOptions = Many("--dns-opt", "Resolver options of containers");
    private readonly Option<string[]> _dnsSearch = Many("--dns-search", "Search domains of containers");
    private readonly Option<string[]> _cdiFolders = Many("--cdi-spec-dir", "Folders of CDI files (default /etc/cdi and /var/run/cdi)");
    private readonly Option<string[]> _execOptions = Many("--exec-opt", "Options of the runtime: native.cgroupdriver=cgroupfs");
    private readonly Option<string?> _storageDriver = One("--storage-driver", "Storage driver: overlay2", "-s");
    private readonly Option<string[]> _storageOptions = Many("--storage-opt", "Options of the storage driver: overlay2.size=SIZE, of writable layers");
    private readonly Option<bool?> _experimental = Truth("--experimental", "Tell clients that experiments are on");
    private readonly Option<string[]> _features = Many("--feature", "Switch a feature, as name or name=false");
    private readonly Option<string[]> _defaultUlimits = Many("--default-ulimit", "Resource limit of containers that set none, as name=soft[:hard]");
    private readonly Option<bool> _validate = new("--validate") { Description = "Check flags and configuration file and exit" };
    private readonly Option<string?> _group = One("--group", "Group that may use the unix sockets (default tare, where it exists)", "-G");
    private readonly Option<string?> _runtimePath = One("--runtime-path", "The program tare-runtime (default: beside tared, then in PATH)");
    private readonly Option<bool> _version = new("--version", "-v") { Description = "Print the version and exit" };

    /// <summary>Reads the command line and runs the daemon until a signal ends it.</summary>
    /// <returns>The exit code: 0 after a signal, 1 when the daemon cannot run, 125 for a wrong command line (dockerd's).</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        DaemonCommand command = new();
        RootCommand root = command.Build();
        arguments = WithValues(arguments, root);
        ParseResult result = root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"tared: {result.Errors[0].Message}\nSee 'tared --help'.");
            return 125;
        }

        if (result.GetValue(command._version))
        {
            await Console.Out.WriteLineAsync($"tared version {DockerApi.ProductVersion}");
            return 0;
        }

        if (result.GetValue(command._validate))
        {
            return await ValidateAsync(() => command.Options(result), result.GetValue(command._configFile));
        }

        int exitCode = 0;
        root.SetAction(async _ => exitCode = await DaemonProcess.RunAsync(() => command.Options(result), cancellationToken));
        return await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken) is var shown && shown != 0 ? shown : exitCode;
    }

    /// <summary>
    /// Gives every flag the value that it has by custom: the parser takes <c>--name=</c> for a name without a value, where an empty word is an empty one, and a switch without a value
    /// for less than one with a value that was given before.
    /// </summary>
    private static List<string> WithValues(IReadOnlyList<string> arguments, RootCommand root)
    {
        HashSet<string> switches = [.. root.Options.OfType<Option<bool?>>().SelectMany(option => option.Aliases.Prepend(option.Name))];
        List<string> given = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=', StringComparison.Ordinal) == argument.Length - 1)
            {
                given.AddRange([argument[..^1], ""]);
            }
            else
            {
                bool isBare = switches.Contains(argument) && (i + 1 == arguments.Count || !bool.TryParse(arguments[i + 1], out _));
                given.Add(isBare ? argument + "=true" : SpelledOut(argument, switches));
            }
        }

        return given;
    }

    /// <summary>The parser takes no other words for a truth value than these two; Go's flags have more.</summary>
    private static string SpelledOut(string argument, HashSet<string> switches)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 || !switches.Contains(argument[..equals]) ? argument : argument[(equals + 1)..] switch
        {
            "1" or "t" or "T" => argument[..equals] + "=true",
            "0" or "f" or "F" => argument[..equals] + "=false",
            _ => argument,
        };
    }

    /// <summary>What the flags alone say.</summary>
    public static DaemonOptions ParseFlags(IReadOnlyList<string> arguments)
    {
        DaemonCommand command = new();
        RootCommand root = command.Build();
        return command.Flags(root.Parse(WithValues(arguments, root)));
    }

    // A flag that is given again takes the place of the first, as in dockerd: scripts append to what others wrote.
    private static Option<string?> One(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => result.Tokens[^1].Value,
    };

    private static Option<int?> Number(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => int.TryParse(result.Tokens[^1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value : Refuse<int?>(result, $"invalid argument \"{result.Tokens[^1].Value}\" for \"{name}\" flag: no whole number"),
    };

    private static Option<bool?> Truth(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => result.Tokens[^1].Value.ToUpperInvariant() switch
        {
            "1" or "T" or "TRUE" => true,
            "0" or "F" or "FALSE" => false,
            var other => Refuse<bool?>(result, $"invalid argument \"{other}\" for \"{name}\" flag: true or false"),
        },
    };

    private static T? Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }

    private static Option<string[]> Many(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    private RootCommand Build()
    {
        RootCommand root = new("The daemon of Tare, a container platform: serves the Docker Engine API.");
        foreach (Option version in root.Options.OfType<VersionOption>().ToArray())
        {
            root.Options.Remove(version);
        }

        foreach (Option option in new Option[]
        {
            _hosts, _dataRoot, _execRoot, _pidFile, _configFile, _bridgeAddress, _bridge, _mtu, _interContainer, _publishAddress, _forwarding, _fixedCidr, _defaultGateway, _directRouting, _userlandProxy, _ipv6, _firewallIPv6, _fixedCidrIPv6, _bridgeAddressIPv6, _defaultGatewayIPv6, _firewallBackend, _hostGateways, _defaultNetworkOptions, _dns, _cgroupParent, _init, _firewall, _masquerade, _logLevel, _debug,
            _logFormat, _logDriver, _logOptions, _tls, _tlsVerify, _tlsAuthority, _tlsCertificate, _tlsKey,
            _insecureRegistries, _registryMirrors, _registryCertificates, _maximumDownloads, _maximumUploads, _maximumDownloadAttempts, _httpProxy, _httpsProxy, _noProxy, _labels, _liveRestore, _usernsRemap, _defaultRuntime, _shutdownTimeout, _defaultShmSize, _defaultIpcMode, _defaultCgroupnsMode, _noNewPrivileges, _seccompProfile, _dnsOptions, _dnsSearch, _cdiFolders, _execOptions, _storageDriver, _storageOptions, _experimental, _features, _defaultUlimits, _validate, _group, _runtimePath, _version,
        })
        {
            root.Options.Add(option);
        }

        return root;
    }

    private DaemonOptions Options(ParseResult result) => ConfigFile.Read(result.GetValue(_configFile)).Merge(Flags(result));

    private DaemonOptions Flags(ParseResult result) => new()
    {
        Hosts = List(result, _hosts),
        DataRoot = result.GetValue(_dataRoot),
        ExecRoot = result.GetValue(_execRoot),
        PidFile = result.GetValue(_pidFile),
        BridgeAddress = result.GetValue(_bridgeAddress),
        Bridge = result.GetValue(_bridge),
        Mtu = result.GetValue(_mtu),
        InterContainer = result.GetValue(_interContainer),
        PublishAddress = result.GetValue(_publishAddress),
        Forwarding = result.GetValue(_forwarding),
        FixedCidr = result.GetValue(_fixedCidr),
        DefaultGateway = result.GetValue(_defaultGateway),
        DirectRouting = result.GetValue(_directRouting),
        UserlandProxy = result.GetValue(_userlandProxy),
        IPv6 = result.GetValue(_ipv6),
        FirewallIPv6 = result.GetValue(_firewallIPv6),
        FixedCidrIPv6 = result.GetValue(_fixedCidrIPv6),
        BridgeAddressIPv6 = result.GetValue(_bridgeAddressIPv6),
        DefaultGatewayIPv6 = result.GetValue(_defaultGatewayIPv6),
        FirewallBackend = result.GetValue(_firewallBackend),
        HostGateways = List(result, _hostGateways),
        DefaultNetworkOptions = List(result, _defaultNetworkOptions),
        Dns = List(result, _dns),
        CgroupParent = result.GetValue(_cgroupParent),
        Init = result.GetValue(_init),
        Firewall = result.GetValue(_firewall),
        Masquerade = result.GetValue(_masquerade),
        LogLevel = result.GetValue(_logLevel),
        Debug = result.GetValue(_debug),
        LogFormat = result.GetValue(_logFormat),
        LogDriver = result.GetValue(_logDriver),
        LogOptions = Pairs(List(result, _logOptions), (_, value) => value ?? ""),
        Tls = result.GetValue(_tls),
        TlsVerify = result.GetValue(_tlsVerify),
        TlsAuthority = result.GetValue(_tlsAuthority),
        TlsCertificate = result.GetValue(_tlsCertificate),
        TlsKey = result.GetValue(_tlsKey),
        InsecureRegistries = List(result, _insecureRegistries),
        RegistryMirrors = List(result, _registryMirrors),
        RegistryCertificates = result.GetValue(_registryCertificates),
        MaximumDownloads = result.GetValue(_maximumDownloads),
        MaximumUploads = result.GetValue(_maximumUploads),
        MaximumDownloadAttempts = result.GetValue(_maximumDownloadAttempts),
        HttpProxy = result.GetValue(_httpProxy),
        HttpsProxy = result.GetValue(_httpsProxy),
        NoProxy = result.GetValue(_noProxy),
        Labels = List(result, _labels),
        LiveRestore = result.GetValue(_liveRestore),
        UsernsRemap = result.GetValue(_usernsRemap),
        DefaultRuntime = result.GetValue(_defaultRuntime),
        ShutdownTimeout = result.GetValue(_shutdownTimeout),
        DefaultShmSize = result.GetValue(_defaultShmSize),
        DefaultIpcMode = result.GetValue(_defaultIpcMode),
        DefaultCgroupnsMode = result.GetValue(_defaultCgroupnsMode),
        NoNewPrivileges = result.GetValue(_noNewPrivileges),
        SeccompProfile = result.GetValue(_seccompProfile),
        DnsOptions = List(result, _dnsOptions),
        DnsSearch = List(result, _dnsSearch),
        CdiFolders = List(result, _cdiFolders),
        ExecOptions = List(result, _execOptions),
        StorageDriver = result.GetValue(_storageDriver),
        StorageOptions = List(result, _storageOptions),
        Experimental = result.GetValue(_experimental),
        Features = Pairs(List(result, _features), Switch),
        DefaultUlimits = Ulimits(List(result, _defaultUlimits)),
        Group = result.GetValue(_group),
        RuntimePath = result.GetValue(_runtimePath),
    };

    private static string[]? List(ParseResult result, Option<string[]> option) => result.GetValue(option) is { Length: > 0 } values ? values : null;

    /// <summary>Checks the set-up without running anything, in dockerd's words.</summary>
    private static async Task<int> ValidateAsync(Func<DaemonOptions> configure, string? path)
    {
        try
        {
            DaemonOptions options = configure();
            _ = options.MinimumLevel;
            EngineOptions.From(options);
            await Console.Error.WriteLineAsync("configuration OK");
            return 0;
        }
        catch (OptionException e)
        {
            string file = path is not null && (e.Message.StartsWith("merged configuration", StringComparison.Ordinal) || e.Message.StartsWith("invalid JSON", StringComparison.Ordinal))
                ? $"unable to configure the Docker daemon with file {path}: " : "";
            await Console.Error.WriteLineAsync(file + e.Message);
            return 1;
        }
    }

    private static bool Switch(string name, string? value) => value switch
    {
        null or "true" => true,
        "false" => false,
        _ => throw new OptionException($"invalid value \"{value}\" of the feature \"{name}\": true or false"),
    };

    private static Dictionary<string, UlimitText>? Ulimits(string[]? texts)
        => texts is null ? null : texts.Select(UlimitText.Parse).ToDictionary(limit => limit.Name, StringComparer.Ordinal);

    /// <summary>Splits <c>name=value</c>; the value is null where there is none.</summary>
    private static Dictionary<string, T>? Pairs<T>(string[]? texts, Func<string, string?, T> read)
    {
        Dictionary<string, T> pairs = [];
        foreach (string text in texts ?? [])
        {
            string[] words = text.Split('=', 2);
            pairs[words[0]] = read(words[0], words.ElementAtOrDefault(1));
        }

        return pairs.Count > 0 ? pairs : null;
    }
}
