using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Linux.Files;
using Tare.Oci.Runtime;

namespace Tare.Engine.Specs;

/// <summary>Devices of a container and the rules of its device cgroup. The standard nodes (null, zero, tty …) are the runtime's matter (OCI, "Default Devices").</summary>
internal static class DeviceSelection
{
    private static readonly string[] s_skipped = ["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console"];

    /// <summary>Fills in devices and rules.</summary>
    /// <exception cref="EngineException">InvalidArgument: a device or rule is wrong.</exception>
    public static void Apply(HostConfig host, LinuxSpec linux, LinuxResources resources)
    {
        linux.Devices = [];
        if (host.Privileged)
        {
            resources.Devices = [new LinuxDeviceRule { Allow = true, Access = "rwm" }];
            Walk("/dev", "/dev", "rwm", linux.Devices, rules: null, skip: true);
        }
        else
        {
            resources.Devices =
            [
                new LinuxDeviceRule { Allow = false, Access = "rwm" },
                Allow("c", 1, 5), Allow("c", 1, 3), Allow("c", 1, 9), Allow("c", 1, 8), Allow("c", 5, 0), Allow("c", 5, 1),
                Allow("c", 10, 200), // /dev/net/tun: runc allows it always, and images of VPNs make the node themselves
                new LinuxDeviceRule { Allow = false, Type = "c", Major = 10, Minor = 229, Access = "rwm" },
            ];
        }

        foreach (DeviceMapping mapping in host.Devices ?? [])
        {
            AddMapping(mapping, linux.Devices, resources.Devices);
        }

        foreach (string rule in host.DeviceCgroupRules ?? [])
        {
            resources.Devices.Add(ParseRule(rule));
        }
    }

    /// <summary>Reads a rule such as <c>c 1:* rwm</c>.</summary>
    public static LinuxDeviceRule ParseRule(string text)
    {
        string[] parts = text.Split(' ', ':');
        if (parts.Length != 4 || parts[0] is not ("a" or "b" or "c") || parts[3].Length is 0 or > 3 || parts[3].AsSpan().ContainsAnyExcept("rwm"))
        {
            EngineErrors.ThrowInvalid($"invalid device cgroup rule format: '{text}'");
        }

        return new LinuxDeviceRule { Allow = true, Type = parts[0], Major = Number(parts[1], text), Minor = Number(parts[2], text), Access = parts[3] };
    }

    private static long? Number(string part, string rule)
    {
        if (part == "*")
        {
            return null;
        }

        return long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new EngineException(ErrorClass.InvalidArgument, $"invalid device cgroup rule format: '{rule}'");
    }

    private static void AddMapping(DeviceMapping mapping, List<LinuxDevice> devices, List<LinuxDeviceRule> rules)
    {
        string target = mapping.PathInContainer.Length > 0 ? mapping.PathInContainer : mapping.PathOnHost;
        string access = mapping.CgroupPermissions.Length > 0 ? mapping.CgroupPermissions : "rwm";
        if (!FileStatus.TryGet(mapping.PathOnHost, followLink: true, out FileStatus status))
        {
            throw EngineErrors.Late($"error gathering device information while adding custom device \"{mapping.PathOnHost}\": no such file or directory");
        }

        if (status.Type == FileType.Directory)
        {
            Walk(mapping.PathOnHost, target, access, devices, rules, skip: false);
        }
        else if (!TryAdd(target, status, access, devices, rules))
        {
            throw EngineErrors.Late($"error gathering device information while adding custom device \"{mapping.PathOnHost}\": not a device node");
        }
    }

    private static void Walk(string folder, string target, string access, List<LinuxDevice> devices, List<LinuxDeviceRule>? rules, bool skip)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            string name = Path.GetFileName(path);
            if ((skip && s_skipped.Contains(name)) || !FileStatus.TryGet(path, followLink: false, out FileStatus status))
            {
                continue;
            }

            if (status.Type == FileType.Directory)
            {
                Walk(path, target + "/" + name, access, devices, rules, skip);
            }
            else
            {
                TryAdd(target + "/" + name, status, access, devices, rules);
            }
        }
    }

    private static bool TryAdd(string target, FileStatus status, string access, List<LinuxDevice> devices, List<LinuxDeviceRule>? rules)
    {
        if (status.Type is not (FileType.CharacterDevice or FileType.BlockDevice))
        {
            return false;
        }

        string type = status.Type == FileType.BlockDevice ? "b" : "c";
        devices.RemoveAll(d => d.Path == target);
        devices.Add(new LinuxDevice
        {
            Path = target,
            Type = type,
            Major = status.DeviceMajor,
            Minor = status.DeviceMinor,
            FileMode = status.Permissions,
            Uid = status.Uid,
            Gid = status.Gid,
        });
        rules?.Add(new LinuxDeviceRule { Allow = true, Type = type, Major = status.DeviceMajor, Minor = status.DeviceMinor, Access = access });
        return true;
    }

    private static LinuxDeviceRule Allow(string type, long major, long minor) =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = "rwm" };
}
