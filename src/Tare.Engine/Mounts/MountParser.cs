using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.State;
using Tare.Engine.Volumes;

namespace Tare.Engine.Mounts;

/// <summary>
/// Reads the user's mounts: the short form (<c>source:target[:mode]</c>), the long form and <c>--tmpfs</c>. It looks at texts only; whether sources exist is checked by
/// the preparation of mounts.
/// </summary>
internal static class MountParser
{
    private static readonly string[] s_propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

    /// <summary>Reads all mounts of a request.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is wrong, or two have the same target (Docker's texts).</exception>
    public static List<ContainerMount> Parse(HostConfig host)
    {
        List<ContainerMount> mounts = [];
        foreach (string bind in host.Binds ?? [])
        {
            Add(mounts, ParseShort(bind, host.VolumeDriver));
        }

        foreach (MountSpec spec in host.Mounts ?? [])
        {
            Add(mounts, ParseLong(spec));
        }

        foreach ((string target, string options) in host.Tmpfs ?? [])
        {
            Add(mounts, ParseTmpfs(target, options));
        }

        return mounts;
    }

    /// <summary>Adds a mount whose target must be free.</summary>
    public static void Add(List<ContainerMount> mounts, ContainerMount mount)
    {
        if (mounts.Exists(m => m.Destination == mount.Destination))
        {
            EngineErrors.ThrowInvalid($"Duplicate mount point: {mount.Destination}");
        }

        mounts.Add(mount);
    }

    /// <summary>Reads the short form.</summary>
    public static ContainerMount ParseShort(string text, string driver = "")
    {
        string[] parts = text.Split(':');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || parts[1].Length == 0)
        {
            EngineErrors.ThrowInvalid($"invalid volume specification: '{text}'");
        }

        string target = ContainerPath.Clean(parts[1]);
        bool isBind = parts[0].StartsWith('/');
        string kind = isBind ? "bind" : "volume";
        if (target == "/")
        {
            EngineErrors.ThrowInvalid($"invalid volume specification: '{text}': invalid mount config for type \"{kind}\": invalid specification: destination can't be '/'");
        }

        if (!parts[1].StartsWith('/'))
        {
            EngineErrors.ThrowInvalid($"invalid volume specification: '{text}': invalid mount config for type \"{kind}\": invalid mount path: '{parts[1]}' mount path must be absolute");
        }

        ContainerMount mount = new()
        {
            Type = kind,
            Destination = target,
            Source = isBind ? ContainerPath.Clean(parts[0]) : "",
            Name = isBind ? "" : parts[0],
            CreateSource = isBind,
            CopyUp = !isBind,
        };
        if (!isBind)
        {
            CheckVolume(mount.Name);
            mount.Driver = PluginVolumes.IsPlugin(driver) ? driver : "";
        }

        ApplyMode(mount, parts.Length == 3 ? parts[2] : "");
        return mount;
    }

    /// <summary>Reads the long form.</summary>
    public static ContainerMount ParseLong(MountSpec spec)
    {
        string type = spec.Type ?? "";
        string prefix = $"invalid mount config for type \"{type}\": ";
        if (string.IsNullOrEmpty(spec.Target))
        {
            EngineErrors.ThrowInvalid(prefix + "field Target must not be empty");
        }

        if (type is not ("bind" or "volume" or "tmpfs" or "image"))
        {
            EngineErrors.ThrowInvalid(prefix + "mount type unknown");
        }

        if (!spec.Target.StartsWith('/'))
        {
            EngineErrors.ThrowInvalid(prefix + $"invalid mount path: '{spec.Target}' mount path must be absolute");
        }

        ContainerMount mount = new() { Type = type, Destination = ContainerPath.Clean(spec.Target), RW = !spec.ReadOnly };
        if (mount.Destination == "/")
        {
            EngineErrors.ThrowInvalid(prefix + "invalid specification: destination can't be '/'");
        }

        switch (type)
        {
            case "bind":
                ApplyBind(mount, spec, prefix);
                break;
            case "volume":
                ApplyVolume(mount, spec, prefix);
                break;
            case "image":
                ApplyImage(mount, spec, prefix);
                break;
            default:
                ApplyTmpfs(mount, spec, prefix);
                break;
        }

        return mount;
    }

    private static ContainerMount ParseTmpfs(string target, string options)
    {
        if (!target.StartsWith('/'))
        {
            EngineErrors.ThrowInvalid($"invalid mount path: '{target}' mount path must be absolute");
        }

        if (ContainerPath.Clean(target) == "/")
        {
            EngineErrors.ThrowInvalid("invalid specification: destination can't be '/'");
        }

        TmpfsMountOptions.Check(options);
        return new ContainerMount { Type = "tmpfs", Destination = ContainerPath.Clean(target), TmpfsOptions = options, Hidden = true };
    }

    private static void ApplyBind(ContainerMount mount, MountSpec spec, string prefix)
    {
        if (string.IsNullOrEmpty(spec.Source))
        {
            EngineErrors.ThrowInvalid(prefix + "field Source must not be empty");
        }

        if (!spec.Source.StartsWith('/'))
        {
            EngineErrors.ThrowInvalid(prefix + $"invalid mount path: '{spec.Source}' mount path must be absolute");
        }

        if (spec.VolumeOptions is not null)
        {
            EngineErrors.ThrowInvalid(prefix + "field VolumeOptions must not be specified");
        }

        mount.Source = ContainerPath.Clean(spec.Source);
        if (spec.BindOptions is not { } options)
        {
            return;
        }

        if (!string.IsNullOrEmpty(options.Propagation) && !s_propagations.Contains(options.Propagation))
        {
            EngineErrors.ThrowInvalid(prefix + $"invalid propagation mode: {options.Propagation}");
        }

        if (mount.RW && (options.ReadOnlyNonRecursive || options.ReadOnlyForceRecursive))
        {
            EngineErrors.ThrowInvalid(prefix + "mount must be read-only to be recursively read-only");
        }

        if (options is { ReadOnlyNonRecursive: true, ReadOnlyForceRecursive: true })
        {
            EngineErrors.ThrowInvalid(prefix + "ReadOnlyNonRecursive and ReadOnlyForceRecursive are mutually exclusive");
        }

        mount.Propagation = options.Propagation ?? "";
        mount.NonRecursive = options.NonRecursive;
        mount.CreateSource = options.CreateMountpoint;
        mount.ReadOnlyNonRecursive = options.ReadOnlyNonRecursive;
        mount.ReadOnlyForceRecursive = options.ReadOnlyForceRecursive;
    }

    private static void ApplyVolume(ContainerMount mount, MountSpec spec, string prefix)
    {
        if (spec.BindOptions is not null)
        {
            EngineErrors.ThrowInvalid(prefix + "field BindOptions must not be specified");
        }

        mount.Name = spec.Source ?? "";
        mount.Anonymous = mount.Name.Length == 0;
        mount.Mode = "z";
        mount.CopyUp = spec.VolumeOptions is not { NoCopy: true };
        mount.VolumeLabels = spec.VolumeOptions?.Labels is { Count: > 0 } labels ? labels : null;
        mount.VolumeOptions = spec.VolumeOptions?.DriverConfig?.Options is { Count: > 0 } options ? options : null;
        mount.Driver = spec.VolumeOptions?.DriverConfig?.Name is { Length: > 0 } driver && PluginVolumes.IsPlugin(driver) ? driver : "";
        if (mount.Driver.Length == 0)
        {
            VolumeMounts.Check(mount.Name, mount.VolumeOptions);
        }

        if (!mount.Anonymous)
        {
            CheckVolume(mount.Name);
        }

        if (spec.VolumeOptions?.Subpath is { Length: > 0 } subpath)
        {
            if (subpath.StartsWith('/') || subpath.Split('/').Contains(".."))
            {
                EngineErrors.ThrowInvalid(prefix + "subpath must be a relative path within the volume");
            }

            mount.Subpath = ContainerPath.Clean(subpath)[1..];
        }
    }

    private static void ApplyImage(ContainerMount mount, MountSpec spec, string prefix)
    {
        if (string.IsNullOrEmpty(spec.Source))
        {
            EngineErrors.ThrowInvalid(prefix + "field Source must not be empty");
        }

        mount.Name = spec.Source;
        mount.RW = false;
        if (spec.ImageOptions?.Subpath is { Length: > 0 } subpath)
        {
            if (subpath.StartsWith('/') || subpath.Split('/').Contains(".."))
            {
                EngineErrors.ThrowInvalid(prefix + "subpath must be a relative path within the image");
            }

            mount.Subpath = ContainerPath.Clean(subpath)[1..];
        }
    }

    private static void ApplyTmpfs(ContainerMount mount, MountSpec spec, string prefix)
    {
        if (!string.IsNullOrEmpty(spec.Source))
        {
            EngineErrors.ThrowInvalid(prefix + "field Source must not be specified");
        }

        foreach (List<string> option in spec.TmpfsOptions?.Options ?? [])
        {
            if (option is not (["exec"] or ["noexec"]))
            {
                EngineErrors.ThrowInvalid(prefix + (option.Count > 2 ? "invalid option array length" : $"invalid option: {(option.Count > 0 ? option[0] : "")}"));
            }
        }

        mount.TmpfsOptions = TmpfsMountOptions.Format(spec.TmpfsOptions, spec.ReadOnly);
        TmpfsMountOptions.Check(mount.TmpfsOptions);
    }

    private static void CheckVolume(string name)
    {
        if (!ContainerNames.IsValid(name))
        {
            throw VolumeNames.Invalid(name);
        }
    }

    private static void ApplyMode(ContainerMount mount, string mode)
    {
        mount.Mode = mode.Length == 0 && mount.Type == "volume" ? "z" : mode;
        HashSet<string> groups = [];
        foreach (string word in mode.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string group = word switch
            {
                "ro" or "rw" => "access",
                "z" or "Z" => "label",
                "nocopy" when mount.Type == "volume" => "copy",
                "consistent" or "cached" or "delegated" or "default" => "consistency",
                _ when mount.Type == "bind" && s_propagations.Contains(word) => "propagation",
                _ => "",
            };
            if (group.Length == 0 || !groups.Add(group))
            {
                throw EngineErrors.Late($"invalid mode: {mode}");
            }

            mount.RW &= word != "ro";
            mount.CopyUp &= word != "nocopy";
            mount.Propagation = group == "propagation" ? word : mount.Propagation;
        }
    }
}
