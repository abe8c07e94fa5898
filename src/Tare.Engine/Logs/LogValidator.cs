using System.Text.RegularExpressions;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Logs.Targets;
using Tare.Engine.Validation;

namespace Tare.Engine.Logs;

/// <summary>Checks a container's log driver and its options in dockerd's words.</summary>
internal static class LogValidator
{
    private static readonly string[] s_attributes = ["labels", "labels-regex", "env", "env-regex", "tag"];

    private static readonly Dictionary<string, string[]> s_options = new()
    {
        ["none"] = [],
        ["json-file"] = ["max-size", "max-file", "compress", .. s_attributes],
        ["local"] = ["max-size", "max-file", "compress"],
        ["syslog"] =
        [
            "syslog-address", "syslog-facility", "syslog-tls-ca-cert", "syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify", "syslog-format", .. s_attributes,
        ],
        ["journald"] = s_attributes,
        ["gelf"] = ["gelf-address", "gelf-compression-type", "gelf-compression-level", "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay", .. s_attributes],
        ["fluentd"] =
        [
            "fluentd-address", "fluentd-async", "fluentd-async-connect", "fluentd-async-reconnect-interval", "fluentd-buffer-limit", "fluentd-max-retries", "fluentd-request-ack",
            "fluentd-retry-wait", "fluentd-sub-second-precision", "fluentd-read-timeout", "fluentd-write-timeout", .. s_attributes,
        ],
    };

    private static readonly string[] s_common = ["mode", "max-buffer-size", "cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"];

    /// <summary>Checks a configuration.</summary>
    /// <exception cref="EngineException">InvalidArgument: the driver is unknown or an option is wrong.</exception>
    public static void Check(LogConfig log)
    {
        if (!s_options.TryGetValue(log.Type, out string[]? known))
        {
            EngineErrors.ThrowInvalid($"error looking up logging plugin {log.Type}: plugin \"{log.Type}\" not found");
        }

        Dictionary<string, string> config = log.Config ?? [];
        CheckCommon(config);
        if (log.Type == "gelf" && !config.ContainsKey("gelf-address"))
        {
            EngineErrors.ThrowInvalid("gelf-address is a required parameter");
        }

        foreach (string option in config.Keys)
        {
            if (log.Type != "none" && !known.Contains(option) && !s_common.Contains(option))
            {
                EngineErrors.ThrowInvalid(log.Type == "local" ? $"unknown log opt '{option}' for log driver local" : $"unknown log opt '{option}' for {log.Type} log driver");
            }
        }

        LogSettings.Of(log);
        foreach (string option in (ReadOnlySpan<string>)["labels-regex", "env-regex"])
        {
            CheckPattern(config.GetValueOrDefault(option));
        }

        LogTag.Check(config.GetValueOrDefault("tag") ?? "");
        LogTargets.Check(log.Type, new LogOptionReader(config));
    }

    private static void CheckCommon(Dictionary<string, string> config)
    {
        string mode = config.GetValueOrDefault("mode") ?? "";
        if (mode is not ("" or "blocking" or "non-blocking"))
        {
            EngineErrors.ThrowInvalid($"logger: logging mode not supported: {mode}");
        }

        if (config.TryGetValue("max-buffer-size", out string? size))
        {
            if (mode != "non-blocking")
            {
                EngineErrors.ThrowInvalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
            }

            try
            {
                LogSizes.ParseSize(size);
            }
            catch (EngineException e)
            {
                throw new EngineException(e.Class, "error parsing option max-buffer-size: " + e.Message, e);
            }
        }

        if (config.TryGetValue("cache-disabled", out string? disabled) && !LogOptionReader.TryBoolean(disabled, out _))
        {
            EngineErrors.ThrowInvalid($"invalid value for option cache-disabled: {disabled}");
        }
    }

    private static void CheckPattern(string? pattern)
    {
        try
        {
            _ = pattern is { Length: > 0 } ? new Regex(pattern, RegexOptions.CultureInvariant) : null;
        }
        catch (ArgumentException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"error parsing regexp: {e.Message}", e);
        }
    }
}
