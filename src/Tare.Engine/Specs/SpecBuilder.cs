using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Security;
using Tare.Engine.Users;
using Tare.Engine.Validation;
using Tare.Oci.Runtime;

namespace Tare.Engine.Specs;

/// <summary>Makes the OCI runtime specification of a container from its documents, as dockerd does.</summary>
internal static class SpecBuilder
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Makes the specification.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a capability, device or security option is wrong.</exception>
    public static RuntimeSpec Build(SpecInputs inputs)
    {
        HostConfig host = inputs.Host;
        List<string> capabilities = Capabilities.Choose(host.CapAdd, host.CapDrop, host.Privileged);
        SecurityOptions security = SecurityOptions.Parse(host.SecurityOpt);
        LinuxSpec linux = new()
        {
            CgroupsPath = inputs.CgroupsPath,
            Namespaces = Namespaces(inputs),
            UidMappings = inputs.Remap?.Uids,
            GidMappings = inputs.Remap?.Gids,
            MaskedPaths = host.MaskedPaths is { Count: > 0 } masked ? masked : null,
            ReadonlyPaths = host.ReadonlyPaths is { Count: > 0 } readOnly ? readOnly : null,
            // Mounts below a shared bind reach the host only from a root that is shared itself (as with dockerd).
            RootfsPropagation = inputs.Mounts.Any(static mount => mount.Propagation is "shared" or "rshared") ? "shared" : null,
            Sysctl = Sysctls(inputs),
            Resources = ResourceTranslation.Translate(host),
            Seccomp = SeccompSelection.Choose(security.Seccomp ?? inputs.SeccompProfile, capabilities, host.Privileged),
        };
        DeviceSelection.Apply(host, linux, linux.Resources);
        return new RuntimeSpec
        {
            OciVersion = "1.2.1",
            Hostname = host.UTSMode == "host" ? null : inputs.Hostname,
            Domainname = inputs.Config.Domainname.Length > 0 ? inputs.Config.Domainname : null,
            Root = new Root { Path = inputs.RootPath, Readonly = host.ReadonlyRootfs },
            Mounts = DefaultMounts.Build(inputs),
            Process = Process(inputs, capabilities, security),
            Linux = linux,
            Annotations = inputs.Host.Annotations is { Count: > 0 } annotations ? annotations : null,
        };
    }

    /// <summary>The environment: Docker's, that of links, then the configuration's, then the session's; the later wins. HOME stands last, as runc puts it, and yields to all.</summary>
    public static List<string> EnvironmentOf(ContainerConfig config, string hostname, string home, bool tty, IEnumerable<string>? session = null, IReadOnlyList<string>? links = null)
    {
        List<string> environment = [DefaultPath, "HOSTNAME=" + hostname];
        if (tty)
        {
            environment.Add("TERM=xterm");
        }

        environment.AddRange(links ?? []);
        foreach (string variable in (config.Env ?? []).Concat(session ?? []))
        {
            Set(environment, variable);
        }

        if (!environment.Exists(v => v.StartsWith("HOME=", StringComparison.Ordinal)))
        {
            environment.Add("HOME=" + home);
        }

        return environment;
    }

    /// <summary>Sets a variable, in its old place when it has one; a name without a value takes it away.</summary>
    public static void Set(List<string> environment, string variable)
    {
        int equals = variable.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            environment.RemoveAll(v => v.StartsWith(variable + "=", StringComparison.Ordinal));
            return;
        }

        string prefix = variable[..(equals + 1)];
        int place = environment.FindIndex(v => v.StartsWith(prefix, StringComparison.Ordinal));
        if (place < 0)
        {
            environment.Add(variable);
        }
        else
        {
            environment[place] = variable;
        }
    }

    /// <summary>The capability sets: a process that is not root starts without effective ones, as Docker's do.</summary>
    public static CapabilitySets CapabilitySetsOf(List<string> capabilities, uint uid) => uid == 0
        ? new CapabilitySets { Bounding = capabilities, Effective = capabilities, Permitted = capabilities }
        : new CapabilitySets { Bounding = capabilities };

    private static ProcessSpec Process(SpecInputs inputs, List<string> capabilities, SecurityOptions security)
    {
        ContainerConfig config = inputs.Config;
        return new ProcessSpec
        {
            Terminal = config.Tty,
            ConsoleSize = inputs.Host.ConsoleSize is [uint height, uint width] && height > 0 && width > 0 && config.Tty
                ? new ConsoleSize { Height = height, Width = width }
                : null,
            User = new User { Uid = inputs.User.Uid, Gid = inputs.User.Gid, AdditionalGids = inputs.User.AdditionalGids },
            Args = [.. inputs.Args],
            Env = EnvironmentOf(config, inputs.Hostname, inputs.User.Home, config.Tty, links: inputs.LinkVariables),
            Cwd = config.WorkingDir.Length > 0 ? config.WorkingDir : "/",
            Capabilities = CapabilitySetsOf(capabilities, inputs.User.Uid),
            NoNewPrivileges = security.NoNewPrivileges ?? inputs.NoNewPrivileges,
            ApparmorProfile = inputs.Machine.AppArmor ? security.AppArmorOf(inputs.Host.Privileged) : null,
            OomScoreAdj = inputs.Host.OomScoreAdj,
            Rlimits = LimitsOf(inputs) is { Count: > 0 } limits ? limits.ConvertAll(Limit) : null,
        };
    }

    private static List<Ulimit> LimitsOf(SpecInputs inputs)
    {
        List<Ulimit> own = inputs.Host.Ulimits ?? [];
        return [.. own, .. inputs.DefaultUlimits.Where(given => !own.Exists(limit => limit.Name == given.Name))];
    }

    private static Rlimit Limit(Ulimit limit) => new()
    {
        Type = "RLIMIT_" + limit.Name.ToUpperInvariant(),
        Hard = unchecked((ulong)limit.Hard),
        Soft = unchecked((ulong)limit.Soft),
    };

    private static List<LinuxNamespace> Namespaces(SpecInputs inputs)
    {
        HostConfig host = inputs.Host;
        List<LinuxNamespace> namespaces = [new LinuxNamespace { Type = "mount" }];
        if (host.NetworkMode != "host")
        {
            namespaces.Add(New("network", "net", inputs.NetworkPid));
        }

        if (host.UTSMode != "host")
        {
            namespaces.Add(New("uts", "uts", null));
        }

        if (host.PidMode != "host")
        {
            namespaces.Add(New("pid", "pid", inputs.PidPid));
        }

        if (host.IpcMode != "host")
        {
            namespaces.Add(New("ipc", "ipc", inputs.IpcPid));
        }

        if (inputs.Remap is not null)
        {
            namespaces.Add(New("user", "user", inputs.UserPid));
        }

        if (host.CgroupnsMode == "private")
        {
            namespaces.Add(New("cgroup", "cgroup", null));
        }

        return namespaces;
    }

    // The kernel takes no group that the namespace does not have.
    private static uint LastGroup(UserRemap? remap) => remap is null ? int.MaxValue : remap.Gids[^1].ContainerId + remap.Gids[^1].Size - 1;

    private static LinuxNamespace New(string type, string file, int? joined) =>
        new() { Type = type, Path = joined is { } pid ? string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/{file}") : null };

    /// <summary>The user's parameters, and Docker's two that let an ordinary user open low ports and send echo requests.</summary>
    private static Dictionary<string, string>? Sysctls(SpecInputs inputs)
    {
        Dictionary<string, string> sysctls = [];
        if (inputs.Host.NetworkMode != "host" && inputs.NetworkPid is null)
        {
            sysctls["net.ipv4.ip_unprivileged_port_start"] = "0";
            sysctls["net.ipv4.ping_group_range"] = string.Create(CultureInfo.InvariantCulture, $"0 {LastGroup(inputs.Remap)}");
        }

        // They are written in this order, and the kernel takes a range of local ports only if no privileged port is in it.
        foreach ((string name, string value) in inputs.Host.Sysctls ?? [])
        {
            sysctls[name] = value;
        }

        return sysctls.Count > 0 ? sysctls : null;
    }
}
