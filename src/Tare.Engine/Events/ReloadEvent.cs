using System.Globalization;

namespace Tare.Engine.Events;

/// <summary>What the event <c>reload</c> of the daemon tells: the settings that a reload can change, in dockerd's words and forms.</summary>
internal static class ReloadEvent
{
    /// <summary>The attributes.</summary>
    public static Dictionary<string, string> Attributes(TareEngineOptions options, int cgroupVersion, bool debug) => new()
    {
        ["debug"] = debug ? "true" : "false",
        ["default-cgroupns-mode"] = options.DefaultCgroupnsMode ?? (cgroupVersion == 2 ? "private" : "host"),
        ["default-ipc-mode"] = options.DefaultIpcMode,
        ["default-runtime"] = "runc",
        ["default-shm-size"] = options.DefaultShmSizeBytes.ToString(CultureInfo.InvariantCulture),
        ["features"] = "map[" + string.Join(' ', options.Features.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}:{(f.Value ? "true" : "false")}")) + "]",
        ["insecure-registries"] = Json(options.InsecureRegistries),
        ["labels"] = Json(options.Labels),
        ["live-restore"] = options.LiveRestore ? "true" : "false",
        ["max-concurrent-downloads"] = options.Registry.MaximumDownloads.ToString(CultureInfo.InvariantCulture),
        ["max-concurrent-uploads"] = options.Registry.MaximumUploads.ToString(CultureInfo.InvariantCulture),
        ["max-download-attempts"] = options.Registry.MaximumAttempts.ToString(CultureInfo.InvariantCulture),
        ["name"] = Environment.MachineName,
        ["registry-mirrors"] = Json(options.RegistryMirrors),
        ["runtimes"] = "",
        ["shutdown-timeout"] = options.ShutdownTimeoutSeconds.ToString(CultureInfo.InvariantCulture),
    };

    private static string Json(IEnumerable<string> texts) => "[" + string.Join(',', texts.Select(text => "\"" + System.Text.Json.JsonEncodedText.Encode(text) + "\"")) + "]";
}
