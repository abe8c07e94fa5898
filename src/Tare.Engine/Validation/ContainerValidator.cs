using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Logs;
using Tare.Engine.Machine;
using Tare.Engine.Networks;

namespace Tare.Engine.Validation;

/// <summary>Checks a create request as dockerd does and refuses it in its words; the documents have their defaults filled in by then.</summary>
internal static class ContainerValidator
{
    /// <summary>Checks everything that can be checked without the image and without other containers.</summary>
    /// <exception cref="EngineException">InvalidArgument: something is wrong; NotFound: no such network.</exception>
    /// <param name="config">What runs; its working directory is made clean.</param>
    /// <param name="host">How it runs; changed where something is discarded.</param>
    /// <param name="machine">What the kernel offers.</param>
    /// <param name="warnings">Takes the warnings.</param>
    public static void Check(ContainerConfig config, HostConfig host, MachineFacts machine, List<string> warnings)
    {
        CheckConfig(config);
        CheckModes(config, host);
        CheckNetwork(config, host, warnings);
        HostEntries.Check(host);
        PortPlan.Check(host);
        CheckRestartPolicy(host);
        CheckWindows(host);
        ResourceValidator.Check(host, machine, warnings);
        SecurityOptions.Parse(host.SecurityOpt);
        LogValidator.Check(host.LogConfig!);
        CheckUlimits(host.Ulimits);
        if (host.Runtime is not ("runc" or "tare" or "io.containerd.runc.v2"))
        {
            EngineErrors.ThrowInvalid($"unknown or invalid runtime name: {host.Runtime}");
        }
    }

    /// <summary>What only Windows has.</summary>
    private static void CheckWindows(HostConfig host)
    {
        if (host.Isolation is not ("" or "default"))
        {
            EngineErrors.ThrowInvalid($"invalid isolation ({host.Isolation}): linux only supports 'default'");
        }

        if (host.IOMaximumBandwidth != 0)
        {
            EngineErrors.ThrowInvalid("invalid option: QoS maximum bandwidth configuration is not supported on linux");
        }

        if (host.IOMaximumIOps != 0)
        {
            EngineErrors.ThrowInvalid("invalid option: QoS maximum IOPs configuration is not supported on linux");
        }
    }

    private static void CheckConfig(ContainerConfig config)
    {
        if (config.WorkingDir.Length > 0 && !config.WorkingDir.StartsWith('/'))
        {
            EngineErrors.ThrowInvalid($"the working directory '{config.WorkingDir}' is invalid, it needs to be an absolute path");
        }

        if (config.WorkingDir.Length > 0)
        {
            config.WorkingDir = Mounts.ContainerPath.Clean(config.WorkingDir);
        }

        if (config.StopSignal is { Length: > 0 } signal)
        {
            Signals.Parse(signal);
        }

        foreach (string variable in config.Env ?? [])
        {
            if (variable.Length == 0 || variable[0] == '=')
            {
                EngineErrors.ThrowInvalid($"invalid environment variable: {variable}");
            }
        }

        if (config.Healthcheck is { } health)
        {
            CheckHealth(health);
        }
    }

    private static void CheckHealth(HealthConfig health)
    {
        const long Smallest = 1_000_000;
        (string Name, long Value)[] times =
            [("Interval", health.Interval), ("Timeout", health.Timeout), ("StartPeriod", health.StartPeriod), ("StartInterval", health.StartInterval)];
        foreach ((string name, long value) in times)
        {
            if (value != 0 && value < Smallest)
            {
                EngineErrors.ThrowInvalid($"{name} in Healthcheck cannot be less than 1ms");
            }
        }

        if (health.Retries < 0)
        {
            EngineErrors.ThrowInvalid("Retries in Healthcheck cannot be negative");
        }
    }

    private static void CheckModes(ContainerConfig config, HostConfig host)
    {
        if (host.IpcMode is not ("none" or "private" or "shareable" or "host") && !Modes.IsContainer(host.IpcMode, out _))
        {
            EngineErrors.ThrowInvalid($"invalid IPC mode: {host.IpcMode}");
        }

        if (host.PidMode is not ("" or "host") && !Modes.IsContainer(host.PidMode, out _))
        {
            EngineErrors.ThrowInvalid($"invalid PID mode: {host.PidMode}");
        }

        if (host.UTSMode is not ("" or "host"))
        {
            EngineErrors.ThrowInvalid($"invalid UTS mode: {host.UTSMode}");
        }

        if (host.UsernsMode is not ("" or "host"))
        {
            EngineErrors.ThrowInvalid($"invalid user namespace mode: {host.UsernsMode}");
        }

        if (host.CgroupnsMode is not ("host" or "private"))
        {
            EngineErrors.ThrowInvalid($"invalid cgroup namespace mode: {host.CgroupnsMode}");
        }

        if (host.UTSMode == "host" && config.Hostname.Length > 0)
        {
            EngineErrors.ThrowInvalid("conflicting options: hostname and the UTS mode");
        }
    }

    private static void CheckNetwork(ContainerConfig config, HostConfig host, List<string> warnings)
    {
        if (Modes.IsContainer(host.NetworkMode, out string? other))
        {
            if (other.Length == 0)
            {
                EngineErrors.ThrowInvalid("invalid network mode: invalid container format container:<name|id>");
            }

            CheckJoinedNetwork(config, host);
        }
        else if (host.NetworkMode == "host")
        {
            if (host.Links is { Count: > 0 })
            {
                EngineErrors.ThrowInvalid("conflicting options: host type networking can't be used with links. This would result in undefined behavior");
            }

            if (host.PortBindings is { Count: > 0 })
            {
                warnings.Add("Published ports are discarded when using host network mode");
            }
        }
    }

    private static void CheckJoinedNetwork(ContainerConfig config, HostConfig host)
    {
        (bool Conflict, string What)[] rules =
        [
            (config.Hostname.Length > 0, "hostname"),
            (host.Dns is { Count: > 0 }, "dns"),
            (host.ExtraHosts is { Count: > 0 }, "custom host-to-IP mapping"),
            (!string.IsNullOrEmpty(config.MacAddress), "mac-address"),
        ];
        foreach ((bool conflict, string what) in rules)
        {
            if (conflict)
            {
                EngineErrors.ThrowInvalid($"conflicting options: {what} and the network mode");
            }
        }

        if (host.Links is { Count: > 0 })
        {
            EngineErrors.ThrowInvalid("conflicting options: container type network can't be used with links. This would result in undefined behavior");
        }

        if (host.PortBindings is { Count: > 0 } || host.PublishAllPorts)
        {
            EngineErrors.ThrowInvalid("conflicting options: port publishing and the container type network mode");
        }

        if (config.ExposedPorts is { Count: > 0 })
        {
            EngineErrors.ThrowInvalid("conflicting options: port exposing and the container type network mode");
        }
    }

    private static void CheckRestartPolicy(HostConfig host)
    {
        RestartPolicy policy = host.RestartPolicy!;
        switch (policy.Name)
        {
            case "no" or "always" or "unless-stopped":
                if (policy.MaximumRetryCount != 0)
                {
                    EngineErrors.ThrowInvalid(
                        policy.MaximumRetryCount < 0
                            ? "invalid restart policy: maximum retry count can only be used with 'on-failure' and cannot be negative"
                            : "invalid restart policy: maximum retry count can only be used with 'on-failure'");
                }

                break;
            case "on-failure":
                if (policy.MaximumRetryCount < 0)
                {
                    EngineErrors.ThrowInvalid("invalid restart policy: maximum retry count cannot be negative");
                }

                break;
            default:
                EngineErrors.ThrowInvalid($"invalid restart policy: unknown policy '{policy.Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
                break;
        }

        if (host.AutoRemove && policy.Name != "no")
        {
            EngineErrors.ThrowInvalid("can't create 'AutoRemove' container with restart policy");
        }
    }

    private static void CheckUlimits(List<Ulimit>? ulimits)
    {
        foreach (Ulimit limit in ulimits ?? [])
        {
            if (!UlimitNames.Known.Contains(limit.Name))
            {
                EngineErrors.ThrowInvalid($"invalid ulimit type: {limit.Name}");
            }

            if (limit.Hard != -1 && (limit.Soft > limit.Hard || limit.Soft == -1))
            {
                EngineErrors.ThrowInvalid($"ulimit soft limit must be less than or equal to hard limit: {limit.Soft} > {limit.Hard}");
            }
        }
    }
}
