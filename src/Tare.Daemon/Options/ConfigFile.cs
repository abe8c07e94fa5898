using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Daemon.Options;

/// <summary>The configuration file (dockerd's daemon.json): the long names of the flags, lists in the plural.</summary>
internal sealed class ConfigFile
{
    /// <summary>Read when no flag names another; it may be missing then.</summary>
    public const string DefaultPath = "/etc/tare/daemon.json";

    [JsonPropertyName("hosts")]
    public List<string>? Hosts { get; set; }

    [JsonPropertyName("data-root")]
    public string? DataRoot { get; set; }

    [JsonPropertyName("exec-root")]
    public string? ExecRoot { get; set; }

    [JsonPropertyName("pidfile")]
    public string? PidFile { get; set; }

    [JsonPropertyName("bip")]
    public string? BridgeAddress { get; set; }

    [JsonPropertyName("bridge")]
    public string? Bridge { get; set; }

    [JsonPropertyName("mtu")]
    public int? Mtu { get; set; }

    [JsonPropertyName("icc")]
    public bool? InterContainer { get; set; }

    [JsonPropertyName("ip")]
    public string? PublishAddress { get; set; }

    [JsonPropertyName("ip-forward")]
    public bool? Forwarding { get; set; }

    [JsonPropertyName("fixed-cidr")]
    public string? FixedCidr { get; set; }

    [JsonPropertyName("default-gateway")]
    public string? DefaultGateway { get; set; }

    [JsonPropertyName("allow-direct-routing")]
    public bool? DirectRouting { get; set; }

    [JsonPropertyName("userland-proxy")]
    public bool? UserlandProxy { get; set; }

    [JsonPropertyName("ipv6")]
    public bool? IPv6 { get; set; }

    [JsonPropertyName("ip6tables")]
    public bool? FirewallIPv6 { get; set; }

    [JsonPropertyName("fixed-cidr-v6")]
    public string? FixedCidrIPv6 { get; set; }

    [JsonPropertyName("bip6")]
    public string? BridgeAddressIPv6 { get; set; }

    [JsonPropertyName("default-gateway-v6")]
    public string? DefaultGatewayIPv6 { get; set; }

    [JsonPropertyName("firewall-backend")]
    public string? FirewallBackend { get; set; }

    [JsonPropertyName("host-gateway-ips")]
    public List<string>? HostGateways { get; set; }

    [JsonPropertyName("host-gateway-ip")]
    public string? HostGateway { get; set; }

    [JsonPropertyName("default-network-opts")]
    public Dictionary<string, Dictionary<string, string>>? DefaultNetworkOptions { get; set; }

    [JsonPropertyName("dns")]
    public List<string>? Dns { get; set; }

    [JsonPropertyName("cgroup-parent")]
    public string? CgroupParent { get; set; }

    [JsonPropertyName("init")]
    public bool? Init { get; set; }

    [JsonPropertyName("iptables")]
    public bool? Firewall { get; set; }

    [JsonPropertyName("ip-masq")]
    public bool? Masquerade { get; set; }

    [JsonPropertyName("log-level")]
    public string? LogLevel { get; set; }

    [JsonPropertyName("log-format")]
    public string? LogFormat { get; set; }

    [JsonPropertyName("log-driver")]
    public string? LogDriver { get; set; }

    [JsonPropertyName("log-opts")]
    public Dictionary<string, string>? LogOptions { get; set; }

    [JsonPropertyName("tls")]
    public bool? Tls { get; set; }

    [JsonPropertyName("tlsverify")]
    public bool? TlsVerify { get; set; }

    [JsonPropertyName("tlscacert")]
    public string? TlsAuthority { get; set; }

    [JsonPropertyName("tlscert")]
    public string? TlsCertificate { get; set; }

    [JsonPropertyName("tlskey")]
    public string? TlsKey { get; set; }

    [JsonPropertyName("debug")]
    public bool? Debug { get; set; }

    [JsonPropertyName("insecure-registries")]
    public List<string>? InsecureRegistries { get; set; }

    [JsonPropertyName("registry-mirrors")]
    public List<string>? RegistryMirrors { get; set; }

    [JsonPropertyName("registry-certs")]
    public string? RegistryCertificates { get; set; }

    [JsonPropertyName("max-concurrent-downloads")]
    public int? MaximumDownloads { get; set; }

    [JsonPropertyName("max-concurrent-uploads")]
    public int? MaximumUploads { get; set; }

    [JsonPropertyName("max-download-attempts")]
    public int? MaximumDownloadAttempts { get; set; }

    [JsonPropertyName("proxies")]
    public ConfigProxies? Proxies { get; set; }

    [JsonPropertyName("labels")]
    public List<string>? Labels { get; set; }

    [JsonPropertyName("live-restore")]
    public bool? LiveRestore { get; set; }

    [JsonPropertyName("userns-remap")]
    public string? UsernsRemap { get; set; }

    [JsonPropertyName("default-runtime")]
    public string? DefaultRuntime { get; set; }

    [JsonPropertyName("shutdown-timeout")]
    public int? ShutdownTimeout { get; set; }

    [JsonPropertyName("default-shm-size")]
    [JsonConverter(typeof(SizeText))]
    public string? DefaultShmSize { get; set; }

    [JsonPropertyName("default-ipc-mode")]
    public string? DefaultIpcMode { get; set; }

    [JsonPropertyName("default-cgroupns-mode")]
    public string? DefaultCgroupnsMode { get; set; }

    [JsonPropertyName("no-new-privileges")]
    public bool? NoNewPrivileges { get; set; }

    [JsonPropertyName("seccomp-profile")]
    public string? SeccompProfile { get; set; }

    [JsonPropertyName("dns-opts")]
    public List<string>? DnsOptions { get; set; }

    [JsonPropertyName("dns-search")]
    public List<string>? DnsSearch { get; set; }

    [JsonPropertyName("cdi-spec-dirs")]
    public List<string>? CdiFolders { get; set; }

    [JsonPropertyName("exec-opts")]
    public List<string>? ExecOptions { get; set; }

    [JsonPropertyName("storage-driver")]
    public string? StorageDriver { get; set; }

    [JsonPropertyName("storage-opts")]
    public List<string>? StorageOptions { get; set; }

    [JsonPropertyName("experimental")]
    public bool? Experimental { get; set; }

    [JsonPropertyName("features")]
    public Dictionary<string, bool>? Features { get; set; }

    [JsonPropertyName("default-ulimits")]
    public Dictionary<string, UlimitText>? DefaultUlimits { get; set; }

    [JsonPropertyName("runtimes")]
    public Dictionary<string, JsonElement>? Runtimes { get; set; }

    [JsonPropertyName("group")]
    public string? Group { get; set; }

    [JsonPropertyName("runtime-path")]
    public string? RuntimePath { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="OptionException">It is missing though it was asked for, malformed, or has unknown names.</exception>
    /// <param name="path">The file; null for the default one.</param>
    public static ConfigFile Read(string? path)
    {
        string file = path ?? DefaultPath;
        if (path is null && !File.Exists(file))
        {
            return new ConfigFile();
        }

        try
        {
            return Parse(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"read configuration file \"{file}\": {e.Message}", e);
        }
        catch (OptionException e)
        {
            throw new OptionException($"unable to configure the Docker daemon with file {file}: {e.Message}", e);
        }
    }

    /// <summary>Reads the JSON; nothing but white space says nothing, so that <c>/dev/null</c> is a file without settings, as for dockerd.</summary>
    /// <exception cref="OptionException">It is malformed, or has unknown names.</exception>
    public static ConfigFile Parse(ReadOnlySpan<byte> json)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return new ConfigFile();
        }

        ConfigFile? file;
        try
        {
            file = JsonSerializer.Deserialize(json, ConfigJson.Default.ConfigFile);
        }
        catch (JsonException e)
        {
            throw new OptionException($"invalid JSON: unexpected content at line {(e.LineNumber ?? 0) + 1}{(e.Path is null or "$" ? "" : ", in " + e.Path)}", e);
        }

        return file?.Unknown is { Count: > 0 } unknown
            ? throw new OptionException("the following directives don't match any configuration option: " + string.Join(", ", unknown.SelectMany(NamesOf)))
            : file ?? new ConfigFile();
    }

    // As dockerd, which looks for the members of an object that it does not know.
    private static IEnumerable<string> NamesOf(KeyValuePair<string, JsonElement> member)
        => member.Value.ValueKind == JsonValueKind.Object ? member.Value.EnumerateObject().Select(inner => inner.Name) : [member.Key];

    /// <summary>Joins the file with the flags.</summary>
    /// <exception cref="OptionException">Both say something about the same thing.</exception>
    public DaemonOptions Merge(DaemonOptions flags)
    {
        List<string> doubles = [];
        T? Choose<T>(string name, T? flag, T? file)
        {
            if (flag is not null && file is not null)
            {
                doubles.Add(name);
            }

            return flag ?? file;
        }

        DaemonOptions options = new()
        {
            Hosts = Choose("hosts", flags.Hosts, Hosts),
            DataRoot = Choose("data-root", flags.DataRoot, DataRoot),
            ExecRoot = Choose("exec-root", flags.ExecRoot, ExecRoot),
            PidFile = Choose("pidfile", flags.PidFile, PidFile),
            BridgeAddress = Choose("bip", flags.BridgeAddress, BridgeAddress),
            Bridge = Choose("bridge", flags.Bridge, Bridge),
            Mtu = Choose("mtu", flags.Mtu, Mtu),
            InterContainer = Choose("icc", flags.InterContainer, InterContainer),
            PublishAddress = Choose("ip", flags.PublishAddress, PublishAddress),
            Forwarding = Choose("ip-forward", flags.Forwarding, Forwarding),
            FixedCidr = Choose("fixed-cidr", flags.FixedCidr, FixedCidr),
            DefaultGateway = Choose("default-gateway", flags.DefaultGateway, DefaultGateway),
            DirectRouting = Choose("allow-direct-routing", flags.DirectRouting, DirectRouting),
            UserlandProxy = Choose("userland-proxy", flags.UserlandProxy, UserlandProxy),
            IPv6 = Choose("ipv6", flags.IPv6, IPv6),
            FirewallIPv6 = Choose("ip6tables", flags.FirewallIPv6, FirewallIPv6),
            FixedCidrIPv6 = Choose("fixed-cidr-v6", flags.FixedCidrIPv6, FixedCidrIPv6),
            BridgeAddressIPv6 = Choose("bip6", flags.BridgeAddressIPv6, BridgeAddressIPv6),
            DefaultGatewayIPv6 = Choose("default-gateway-v6", flags.DefaultGatewayIPv6, DefaultGatewayIPv6),
            FirewallBackend = Choose("firewall-backend", flags.FirewallBackend, FirewallBackend),
            HostGateways = Choose("host-gateway-ips", flags.HostGateways, HostGateways ?? (HostGateway is null ? null : [HostGateway])),
            DefaultNetworkOptions = Choose("default-network-opts", flags.DefaultNetworkOptions, DefaultNetworkOptions?.Keys.ToArray()),
            Dns = Choose("dns", flags.Dns, Dns),
            CgroupParent = Choose("cgroup-parent", flags.CgroupParent, CgroupParent),
            Init = Choose("init", flags.Init, Init),
            Firewall = Choose("iptables", flags.Firewall, Firewall),
            Masquerade = Choose("ip-masq", flags.Masquerade, Masquerade),
            LogLevel = Choose("log-level", flags.LogLevel, LogLevel),
            Debug = Choose("debug", flags.Debug, Debug),
            LogFormat = Choose("log-format", flags.LogFormat, LogFormat),
            LogDriver = Choose("log-driver", flags.LogDriver, LogDriver),
            LogOptions = Choose("log-opts", flags.LogOptions, LogOptions),
            Tls = Choose("tls", flags.Tls, Tls),
            TlsVerify = Choose("tlsverify", flags.TlsVerify, TlsVerify),
            TlsAuthority = Choose("tlscacert", flags.TlsAuthority, TlsAuthority),
            TlsCertificate = Choose("tlscert", flags.TlsCertificate, TlsCertificate),
            TlsKey = Choose("tlskey", flags.TlsKey, TlsKey),
            InsecureRegistries = Choose("insecure-registries", flags.InsecureRegistries, InsecureRegistries),
            RegistryMirrors = Choose("registry-mirrors", flags.RegistryMirrors, RegistryMirrors),
            RegistryCertificates = Choose("registry-certs", flags.RegistryCertificates, RegistryCertificates),
            MaximumDownloads = Choose("max-concurrent-downloads", flags.MaximumDownloads, MaximumDownloads),
            MaximumUploads = Choose("max-concurrent-uploads", flags.MaximumUploads, MaximumUploads),
            MaximumDownloadAttempts = Choose("max-download-attempts", flags.MaximumDownloadAttempts, MaximumDownloadAttempts),
            HttpProxy = Choose("http-proxy", flags.HttpProxy, Proxies?.Http),
            HttpsProxy = Choose("https-proxy", flags.HttpsProxy, Proxies?.Https),
            NoProxy = Choose("no-proxy", flags.NoProxy, Proxies?.Exceptions),
            Labels = Choose("labels", flags.Labels, Labels),
            LiveRestore = Choose("live-restore", flags.LiveRestore, LiveRestore),
            UsernsRemap = Choose("userns-remap", flags.UsernsRemap, UsernsRemap),
            DefaultRuntime = Choose("default-runtime", flags.DefaultRuntime, DefaultRuntime),
            ShutdownTimeout = Choose("shutdown-timeout", flags.ShutdownTimeout, ShutdownTimeout),
            DefaultShmSize = Choose("default-shm-size", flags.DefaultShmSize, DefaultShmSize),
            DefaultIpcMode = Choose("default-ipc-mode", flags.DefaultIpcMode, DefaultIpcMode),
            DefaultCgroupnsMode = Choose("default-cgroupns-mode", flags.DefaultCgroupnsMode, DefaultCgroupnsMode),
            NoNewPrivileges = Choose("no-new-privileges", flags.NoNewPrivileges, NoNewPrivileges),
            SeccompProfile = Choose("seccomp-profile", flags.SeccompProfile, SeccompProfile),
            DnsOptions = Choose("dns-opts", flags.DnsOptions, DnsOptions),
            DnsSearch = Choose("dns-search", flags.DnsSearch, DnsSearch),
            CdiFolders = Choose("cdi-spec-dirs", flags.CdiFolders, CdiFolders),
            ExecOptions = Choose("exec-opts", flags.ExecOptions, ExecOptions),
            StorageDriver = Choose("storage-driver", flags.StorageDriver, StorageDriver),
            StorageOptions = Choose("storage-opts", flags.StorageOptions, StorageOptions),
            Experimental = Choose("experimental", flags.Experimental, Experimental),
            Features = Choose("features", flags.Features, Features),
            DefaultUlimits = Choose("default-ulimits", flags.DefaultUlimits, DefaultUlimits),
            Runtimes = Runtimes is { Count: > 0 } runtimes ? [.. runtimes.Keys] : null,
            Group = Choose("group", flags.Group, Group),
            RuntimePath = Choose("runtime-path", flags.RuntimePath, RuntimePath),
        };
        return doubles.Count == 0
            ? options
            : throw new OptionException("the following directives are specified both as a flag and in the configuration file: " + string.Join(", ", doubles));
    }
}
