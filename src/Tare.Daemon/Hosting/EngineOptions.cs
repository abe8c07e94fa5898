using Tare.Daemon.Options;
using Tare.Engine;
using Tare.Registry;

namespace Tare.Daemon.Hosting;

/// <summary>Translates the daemon's set-up into the engine's.</summary>
internal static class EngineOptions
{
    private const string RuntimeName = "tare-runtime";

    /// <summary>Translates.</summary>
    /// <exception cref="OptionException">A value is wrong, or tare-runtime is missing.</exception>
    public static TareEngineOptions From(DaemonOptions options)
    {
        TareEngineOptions defaults = new() { RuntimePath = FindRuntime(options.RuntimePath) };
        bool hasBridge = options.Bridge != "none";
        if (options.BridgeAddress is { } address && !System.Net.IPNetwork.TryParse(Network(address), out _))
        {
            throw new OptionException($"invalid --bip \"{address}\": want an IPv4 address with prefix length, such as 172.17.0.1/16");
        }

        return NetworkDefaults.Add(ContainerDefaults.Add(defaults, options), options) with
        {
            DataRoot = Path.GetFullPath(options.DataRoot ?? defaults.DataRoot),
            ExecRoot = Path.GetFullPath(options.ExecRoot ?? defaults.ExecRoot),
            BridgeName = hasBridge ? options.Bridge ?? defaults.BridgeName : defaults.BridgeName,
            BridgeAddress = hasBridge ? options.BridgeAddress : "",
            Mtu = options.Mtu ?? defaults.Mtu,
            Firewall = options.Firewall ?? defaults.Firewall,
            Masquerade = (options.Masquerade ?? true) && (options.Firewall ?? true),
            Dns = options.Dns ?? defaults.Dns,
            InsecureRegistries = options.InsecureRegistries ?? defaults.InsecureRegistries,
            RegistryMirrors = options.RegistryMirrors ?? defaults.RegistryMirrors,
            Registry = Registry(options, defaults.Registry),
            IsDebug = options.MinimumLevel <= Microsoft.Extensions.Logging.LogLevel.Debug,
            OpenAddresses = OpenAddresses(options),
            LogDriver = options.LogDriver ?? defaults.LogDriver,
            LogOptions = options.LogOptions ?? defaults.LogOptions,
            CgroupParent = options.CgroupParent ?? defaults.CgroupParent,
            Init = options.Init ?? defaults.Init,
        };
    }

    private static List<string> OpenAddresses(DaemonOptions options)
    {
        if (options.TlsVerify == true)
        {
            return [];
        }

        bool isTls = options.Tls == true || options.TlsVerify is not null;
        return [.. (options.Hosts ?? []).Select(host => ListenAddress.Parse(host, isTls).EndPoint).OfType<System.Net.IPEndPoint>().Select(address => (isTls ? "https://" : "http://") + address)];
    }

    private static RegistryOptions Registry(DaemonOptions options, RegistryOptions defaults)
    {
        ProxySettings proxies = new(options.HttpProxy ?? "", options.HttpsProxy ?? "", options.NoProxy ?? "");
        return defaults with
        {
            CertificateFolder = Path.GetFullPath(options.RegistryCertificates ?? defaults.CertificateFolder),
            MaximumDownloads = Positive("max-concurrent-downloads", options.MaximumDownloads) ?? defaults.MaximumDownloads,
            MaximumUploads = Positive("max-concurrent-uploads", options.MaximumUploads) ?? defaults.MaximumUploads,
            MaximumAttempts = Positive("max-download-attempts", options.MaximumDownloadAttempts) ?? defaults.MaximumAttempts,
            Proxies = proxies.Or(defaults.Proxies),
        };
    }

    private static int? Positive(string name, int? value) => value is <= 0
        ? throw new OptionException($"merged configuration validation from file and command line flags failed: invalid {name.Replace('-', ' ')}: {value}")
        : value;

    // IPNetwork wants an address without host bits: only the form is of interest here.
    private static string Network(string address) =>
        address.Split('/') is [var host, var prefix] && System.Net.IPAddress.TryParse(host, out System.Net.IPAddress? parsed)
            && parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "0.0.0.0/" + prefix : "";

    private static string FindRuntime(string? path)
    {
        if (path is not null)
        {
            return File.Exists(path) ? Path.GetFullPath(path) : throw new OptionException($"the runtime \"{path}\" does not exist");
        }

        IEnumerable<string> folders = [AppContext.BaseDirectory, .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)];
        return folders.Select(f => Path.Combine(f, RuntimeName)).FirstOrDefault(File.Exists)
            ?? throw new OptionException($"{RuntimeName} is neither beside tared nor in PATH (hint: --runtime-path)");
    }
}
