using Tare.Engine.Errors;
using Tare.Engine.Specs;
using Tare.Linux.Files;
using Tare.Oci.Runtime;

namespace Tare.Engine.Devices;

/// <summary>Makes a CDI device's changes in a container's specification.</summary>
internal static class CdiInjection
{
    /// <summary>Injects devices: what a file does for all of its devices once, then each device's own.</summary>
    /// <exception cref="EngineException">Internal: a device is not there (dockerd's words), or its node on the host is not.</exception>
    public static void Apply(RuntimeSpec spec, IReadOnlyList<string> names, CdiDevices devices)
    {
        List<string> unknown = [.. names.Where(name => devices.TryFind(name) is null)];
        if (unknown.Count > 0)
        {
            string faults = devices.Faults.Count > 0 ? " (" + string.Join("; ", devices.Faults) + ")" : "";
            throw EngineErrors.Late("CDI device injection failed: unresolvable CDI devices " + string.Join(", ", unknown) + faults);
        }

        HashSet<CdiDocument> files = [];
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            (CdiDocument file, CdiDevice device) = devices.TryFind(name)!.Value;
            if (files.Add(file) && file.Edits is { } common)
            {
                Apply(spec, common);
            }

            if (device.Edits is { } edits)
            {
                Apply(spec, edits);
            }
        }
    }

    private static void Apply(RuntimeSpec spec, CdiEdits edits)
    {
        foreach (string variable in edits.Env ?? [])
        {
            SpecBuilder.Set(spec.Process!.Env!, variable);
        }

        foreach (CdiDeviceNode node in edits.DeviceNodes ?? [])
        {
            AddNode(spec.Linux!, node);
        }

        foreach (CdiMount mount in edits.Mounts ?? [])
        {
            spec.Mounts!.RemoveAll(m => m.Destination == mount.ContainerPath);
            spec.Mounts.Add(new Mount { Destination = mount.ContainerPath, Source = mount.HostPath, Type = mount.Type ?? "bind", Options = mount.Options ?? ["rbind", "rprivate"] });
        }

        foreach (CdiHook hook in edits.Hooks ?? [])
        {
            AddHook(spec, hook);
        }

        if (edits.AdditionalGids is { Count: > 0 } groups)
        {
            User user = spec.Process!.User!;
            user.AdditionalGids = [.. (user.AdditionalGids ?? []).Union(groups.Where(group => group != 0))];
        }
    }

    private static void AddNode(LinuxSpec linux, CdiDeviceNode node)
    {
        string source = string.IsNullOrEmpty(node.HostPath) ? node.Path : node.HostPath;
        (string? type, long major, long minor) = (node.Type, node.Major ?? 0, node.Minor ?? 0);
        uint? mode = node.FileMode;
        if (string.IsNullOrEmpty(type) || (type != "p" && node.Major is null))
        {
            if (!FileStatus.TryGet(source, followLink: true, out FileStatus status) || status.Type is not (FileType.CharacterDevice or FileType.BlockDevice))
            {
                throw EngineErrors.Late($"CDI device injection failed: failed to stat CDI host device \"{source}\": no such file or directory");
            }

            type = status.Type == FileType.BlockDevice ? "b" : "c";
            (major, minor) = (status.DeviceMajor, status.DeviceMinor);
            mode ??= status.Permissions;
        }

        (linux.Devices ??= []).RemoveAll(d => d.Path == node.Path);
        linux.Devices.Add(new LinuxDevice { Path = node.Path, Type = type, Major = major, Minor = minor, FileMode = mode, Uid = node.Uid, Gid = node.Gid });
        if (type is "b" or "c")
        {
            string access = string.IsNullOrEmpty(node.Permissions) ? "rwm" : node.Permissions;
            (linux.Resources!.Devices ??= []).Add(new LinuxDeviceRule { Allow = true, Type = type, Major = major, Minor = minor, Access = access });
        }
    }

    private static void AddHook(RuntimeSpec spec, CdiHook hook)
    {
        Hooks hooks = spec.Hooks ??= new Hooks();
        List<Hook> list = hook.Name switch
        {
            "prestart" => hooks.Prestart ??= [],
            "createRuntime" => hooks.CreateRuntime ??= [],
            "createContainer" => hooks.CreateContainer ??= [],
            "startContainer" => hooks.StartContainer ??= [],
            "poststart" => hooks.Poststart ??= [],
            "poststop" => hooks.Poststop ??= [],
            _ => throw EngineErrors.Late($"CDI device injection failed: unknown hook name \"{hook.Name}\""),
        };
        list.Add(new Hook { Path = hook.Path, Args = hook.Args, Env = hook.Env, Timeout = hook.Timeout });
    }
}
