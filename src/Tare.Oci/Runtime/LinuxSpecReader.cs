using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads the Linux section; see <see cref="RuntimeDocument"/>.</summary>
internal static class LinuxSpecReader
{
    public static LinuxSpec ReadLinuxSpec(ref Utf8JsonReader reader)
    {
        LinuxSpec value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("uidMappings"u8))
            {
                value.UidMappings = reader.List(ReadIdMapping);
            }
            else if (reader.Is("gidMappings"u8))
            {
                value.GidMappings = reader.List(ReadIdMapping);
            }
            else if (reader.Is("sysctl"u8))
            {
                value.Sysctl = reader.StringMap();
            }
            else if (reader.Is("resources"u8))
            {
                value.Resources = reader.Object(LinuxResourcesReader.ReadLinuxResources);
            }
            else if (reader.Is("cgroupsPath"u8))
            {
                value.CgroupsPath = reader.GetString();
            }
            else if (reader.Is("namespaces"u8))
            {
                value.Namespaces = reader.List(ReadLinuxNamespace);
            }
            else if (reader.Is("devices"u8))
            {
                value.Devices = reader.List(ReadLinuxDevice);
            }
            else if (reader.Is("netDevices"u8))
            {
                value.NetDevices = reader.Map(ReadLinuxNetDevice);
            }
            else if (reader.Is("seccomp"u8))
            {
                value.Seccomp = reader.Object(LinuxSeccompReader.ReadLinuxSeccomp);
            }
            else if (reader.Is("rootfsPropagation"u8))
            {
                value.RootfsPropagation = reader.GetString();
            }
            else if (reader.Is("maskedPaths"u8))
            {
                value.MaskedPaths = reader.StringList();
            }
            else if (reader.Is("readonlyPaths"u8))
            {
                value.ReadonlyPaths = reader.StringList();
            }
            else if (reader.Is("mountLabel"u8))
            {
                value.MountLabel = reader.GetString();
            }
            else if (reader.Is("intelRdt"u8))
            {
                value.IntelRdt = reader.Object(ReadLinuxIntelRdt);
            }
            else if (reader.Is("memoryPolicy"u8))
            {
                value.MemoryPolicy = reader.Object(ReadLinuxMemoryPolicy);
            }
            else if (reader.Is("personality"u8))
            {
                value.Personality = reader.Object(ReadLinuxPersonality);
            }
            else if (reader.Is("timeOffsets"u8))
            {
                value.TimeOffsets = reader.Map(ReadLinuxTimeOffset);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static IdMapping ReadIdMapping(ref Utf8JsonReader reader)
    {
        IdMapping value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("containerID"u8))
            {
                value.ContainerId = reader.GetUInt32();
            }
            else if (reader.Is("hostID"u8))
            {
                value.HostId = reader.GetUInt32();
            }
            else if (reader.Is("size"u8))
            {
                value.Size = reader.GetUInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxNamespace ReadLinuxNamespace(ref Utf8JsonReader reader)
    {
        LinuxNamespace value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("type"u8))
            {
                value.Type = reader.GetString()!;
            }
            else if (reader.Is("path"u8))
            {
                value.Path = reader.GetString();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxDevice ReadLinuxDevice(ref Utf8JsonReader reader)
    {
        LinuxDevice value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("path"u8))
            {
                value.Path = reader.GetString()!;
            }
            else if (reader.Is("type"u8))
            {
                value.Type = reader.GetString()!;
            }
            else if (reader.Is("major"u8))
            {
                value.Major = reader.GetInt64();
            }
            else if (reader.Is("minor"u8))
            {
                value.Minor = reader.GetInt64();
            }
            else if (reader.Is("fileMode"u8))
            {
                value.FileMode = reader.NullableUInt32();
            }
            else if (reader.Is("uid"u8))
            {
                value.Uid = reader.NullableUInt32();
            }
            else if (reader.Is("gid"u8))
            {
                value.Gid = reader.NullableUInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxNetDevice ReadLinuxNetDevice(ref Utf8JsonReader reader)
    {
        LinuxNetDevice value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("name"u8))
            {
                value.Name = reader.GetString();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxIntelRdt ReadLinuxIntelRdt(ref Utf8JsonReader reader)
    {
        LinuxIntelRdt value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("closID"u8))
            {
                value.ClosId = reader.GetString();
            }
            else if (reader.Is("schemata"u8))
            {
                value.Schemata = reader.StringList();
            }
            else if (reader.Is("l3CacheSchema"u8))
            {
                value.L3CacheSchema = reader.GetString();
            }
            else if (reader.Is("memBwSchema"u8))
            {
                value.MemBwSchema = reader.GetString();
            }
            else if (reader.Is("enableMonitoring"u8))
            {
                value.EnableMonitoring = reader.GetBoolean();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxMemoryPolicy ReadLinuxMemoryPolicy(ref Utf8JsonReader reader)
    {
        LinuxMemoryPolicy value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("mode"u8))
            {
                value.Mode = reader.GetString()!;
            }
            else if (reader.Is("nodes"u8))
            {
                value.Nodes = reader.GetString();
            }
            else if (reader.Is("flags"u8))
            {
                value.Flags = reader.StringList();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxPersonality ReadLinuxPersonality(ref Utf8JsonReader reader)
    {
        LinuxPersonality value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("domain"u8))
            {
                value.Domain = reader.GetString()!;
            }
            else if (reader.Is("flags"u8))
            {
                value.Flags = reader.StringList();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxTimeOffset ReadLinuxTimeOffset(ref Utf8JsonReader reader)
    {
        LinuxTimeOffset value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("secs"u8))
            {
                value.Seconds = reader.GetInt64();
            }
            else if (reader.Is("nanosecs"u8))
            {
                value.Nanoseconds = reader.GetUInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
