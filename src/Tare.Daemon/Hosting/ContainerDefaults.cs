using System.Globalization;
using Tare.Daemon.Options;
using Tare.Engine;
using Tare.Engine.Containers;
using Tare.Engine.Layers;

namespace Tare.Daemon.Hosting;

/// <summary>Translates what the set-up says about containers and about the daemon's face, and refuses what dockerd refuses, in its words.</summary>
internal static class ContainerDefaults
{
    private const string Merged = "merged configuration validation from file and command line flags failed: ";
    private static readonly string[] s_runtimes = ["runc", "tare", "tare-runtime", "io.containerd.runc.v2"];

    /// <summary>Adds them to the engine's set-up.</summary>
    /// <exception cref="OptionException">A value is wrong.</exception>
    public static TareEngineOptions Add(TareEngineOptions engine, DaemonOptions options)
    {
        Check(options);
        return engine with
        {
            Labels = options.Labels ?? engine.Labels,
            Features = options.Features ?? engine.Features,
            Experimental = options.Experimental ?? engine.Experimental,
            DefaultShmSizeBytes = options.DefaultShmSize is { } size ? Size(size) : engine.DefaultShmSizeBytes,
            DefaultLayerSizeBytes = LayerSizeOf(options.StorageOptions ?? []),
            DefaultIpcMode = options.DefaultIpcMode ?? engine.DefaultIpcMode,
            DefaultCgroupnsMode = options.DefaultCgroupnsMode ?? engine.DefaultCgroupnsMode,
            DefaultUlimits = [.. (options.DefaultUlimits ?? new Dictionary<string, UlimitText>()).Select(limit => new Ulimit { Name = limit.Key, Soft = limit.Value.Soft, Hard = limit.Value.Hard })],
            NoNewPrivileges = options.NoNewPrivileges ?? engine.NoNewPrivileges,
            SeccompProfile = Profile(options.SeccompProfile),
            DnsOptions = options.DnsOptions ?? engine.DnsOptions,
            DnsSearch = options.DnsSearch ?? engine.DnsSearch,
            CdiFolders = [.. (options.CdiFolders ?? engine.CdiFolders).Where(folder => folder.Length > 0)],
            UsernsRemap = options.UsernsRemap is "" ? null : options.UsernsRemap,
            LiveRestore = options.LiveRestore ?? engine.LiveRestore,
            ShutdownTimeoutSeconds = options.ShutdownTimeout ?? engine.ShutdownTimeoutSeconds,
        };
    }

    private static void Check(DaemonOptions options)
    {
        CheckLabels(options.Labels);
        OptionException.Require(options.DefaultIpcMode is null or "private" or "shareable", Merged + $"default IPC mode setting ({options.DefaultIpcMode}) is invalid; use \"shareable\" or \"private\"");
        OptionException.Require(options.DefaultCgroupnsMode is null or "host" or "private", Merged + $"invalid default cgroup namespace ({options.DefaultCgroupnsMode}): use \"host\" or \"private\"");
        OptionException.Require(options.DefaultRuntime is null || s_runtimes.Contains(options.DefaultRuntime), $"specified default runtime '{options.DefaultRuntime}' does not exist");
        OptionException.Require(options.Runtimes is null or [], $"runtimes: only tare-runtime runs containers here, not {string.Join(", ", options.Runtimes ?? [])}");
        OptionException.Require(options.StorageDriver is null or "" or "overlay2", $"storage-driver: only overlay2 is here, not {options.StorageDriver}");
        foreach (string option in options.ExecOptions ?? [])
        {
            OptionException.Require(option is "native.cgroupdriver=cgroupfs", $"exec-opts: only native.cgroupdriver=cgroupfs is here, not {option}");
        }

        foreach (string server in options.Dns ?? [])
        {
            OptionException.Require(System.Net.IPAddress.TryParse(server, out _), $"invalid JSON: invalid IP address: {server}");
        }

        foreach (string mirror in options.RegistryMirrors ?? [])
        {
            OptionException.Require(mirror.Contains("://", StringComparison.Ordinal), Merged + $"invalid mirror: no scheme specified for \"{mirror}\": must use either 'https://' or 'http://'");
        }
    }

    // What overlay2 of dockerd knows; the kernels that it would check are old.
    private static long LayerSizeOf(IReadOnlyList<string> options)
    {
        long size = 0;
        foreach (string option in options)
        {
            string[] words = option.Split('=', 2);
            OptionException.Require(words.Length == 2, $"unable to parse key/value option: {option}");
            string name = words[0].Trim().ToLowerInvariant();
            OptionException.Require(name is "overlay2.size" or "overlay2.override_kernel_check", $"overlay2: unknown option {name}");
            try
            {
                size = name == "overlay2.size" ? LayerSize.Parse(words[1].Trim()) : size;
            }
            catch (FormatException e)
            {
                throw new OptionException(e.Message, e);
            }
        }

        return size;
    }

    private static void CheckLabels(IReadOnlyList<string>? labels)
    {
        Dictionary<string, string> known = [];
        foreach (string label in labels ?? [])
        {
            string[] words = label.Split('=', 2);
            OptionException.Require(words.Length == 2 && words[0].Length > 0 && words[1].Length > 0, Merged + $"bad attribute format: {label}");
            OptionException.Require(known.TryAdd(words[0], words[1]) || known[words[0]] == words[1], $"conflict labels for {label} and {words[0]}={known[words[0]]}");
        }
    }

    private static string? Profile(string? text)
    {
        try
        {
            return text is null or "" or "builtin" ? null : text == "unconfined" ? text : File.ReadAllText(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"opening seccomp profile ({text}) failed: {e.Message}", e);
        }
    }

    private static long Size(string text)
    {
        string number = text.Trim().TrimEnd('b', 'B', 'i');
        int shift = number.Length == 0 ? 0 : char.ToLowerInvariant(number[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        return double.TryParse(shift > 0 ? number[..^1] : number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * (1L << shift) < long.MaxValue
            ? (long)(value * (1L << shift))
            : throw new OptionException($"invalid JSON: invalid size: '{text}'");
    }
}
