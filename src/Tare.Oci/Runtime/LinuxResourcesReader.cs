using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads resource limits; see <see cref="RuntimeDocument"/>.</summary>
internal static class LinuxResourcesReader
{
    public static LinuxResources ReadLinuxResources(ref Utf8JsonReader reader)
    {
        LinuxResources value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("devices"u8))
            {
                value.Devices = reader.List(ReadLinuxDeviceRule);
            }
            else if (reader.Is("memory"u8))
            {
                value.Memory = reader.Object(ReadLinuxMemory);
            }
            else if (reader.Is("cpu"u8))
            {
                value.Cpu = reader.Object(ReadLinuxCpu);
            }
            else if (reader.Is("pids"u8))
            {
                value.Pids = reader.Object(ReadLinuxPids);
            }
            else if (reader.Is("blockIO"u8))
            {
                value.BlockIo = reader.Object(LinuxBlockIoReader.ReadLinuxBlockIo);
            }
            else if (reader.Is("hugepageLimits"u8))
            {
                value.HugepageLimits = reader.List(ReadLinuxHugepageLimit);
            }
            else if (reader.Is("network"u8))
            {
                value.Network = reader.Object(ReadLinuxNetwork);
            }
            else if (reader.Is("rdma"u8))
            {
                value.Rdma = reader.Map(ReadLinuxRdma);
            }
            else if (reader.Is("unified"u8))
            {
                value.Unified = reader.StringMap();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxDeviceRule ReadLinuxDeviceRule(ref Utf8JsonReader reader)
    {
        LinuxDeviceRule value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("allow"u8))
            {
                value.Allow = reader.GetBoolean();
            }
            else if (reader.Is("type"u8))
            {
                value.Type = reader.GetString();
            }
            else if (reader.Is("major"u8))
            {
                value.Major = reader.NullableInt64();
            }
            else if (reader.Is("minor"u8))
            {
                value.Minor = reader.NullableInt64();
            }
            else if (reader.Is("access"u8))
            {
                value.Access = reader.GetString();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxMemory ReadLinuxMemory(ref Utf8JsonReader reader)
    {
        LinuxMemory value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("limit"u8))
            {
                value.Limit = reader.NullableInt64();
            }
            else if (reader.Is("reservation"u8))
            {
                value.Reservation = reader.NullableInt64();
            }
            else if (reader.Is("swap"u8))
            {
                value.Swap = reader.NullableInt64();
            }
            else if (reader.Is("kernel"u8))
            {
                value.Kernel = reader.NullableInt64();
            }
            else if (reader.Is("kernelTCP"u8))
            {
                value.KernelTcp = reader.NullableInt64();
            }
            else if (reader.Is("swappiness"u8))
            {
                value.Swappiness = reader.NullableUInt64();
            }
            else if (reader.Is("disableOOMKiller"u8))
            {
                value.DisableOomKiller = reader.NullableBoolean();
            }
            else if (reader.Is("useHierarchy"u8))
            {
                value.UseHierarchy = reader.NullableBoolean();
            }
            else if (reader.Is("checkBeforeUpdate"u8))
            {
                value.CheckBeforeUpdate = reader.NullableBoolean();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxCpu ReadLinuxCpu(ref Utf8JsonReader reader)
    {
        LinuxCpu value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("shares"u8))
            {
                value.Shares = reader.NullableUInt64();
            }
            else if (reader.Is("quota"u8))
            {
                value.Quota = reader.NullableInt64();
            }
            else if (reader.Is("burst"u8))
            {
                value.Burst = reader.NullableUInt64();
            }
            else if (reader.Is("period"u8))
            {
                value.Period = reader.NullableUInt64();
            }
            else if (reader.Is("realtimeRuntime"u8))
            {
                value.RealtimeRuntime = reader.NullableInt64();
            }
            else if (reader.Is("realtimePeriod"u8))
            {
                value.RealtimePeriod = reader.NullableUInt64();
            }
            else if (reader.Is("cpus"u8))
            {
                value.Cpus = reader.GetString();
            }
            else if (reader.Is("mems"u8))
            {
                value.Mems = reader.GetString();
            }
            else if (reader.Is("idle"u8))
            {
                value.Idle = reader.NullableInt64();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxPids ReadLinuxPids(ref Utf8JsonReader reader)
    {
        LinuxPids value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("limit"u8))
            {
                value.Limit = reader.NullableInt64();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxHugepageLimit ReadLinuxHugepageLimit(ref Utf8JsonReader reader)
    {
        LinuxHugepageLimit value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("pageSize"u8))
            {
                value.PageSize = reader.GetString()!;
            }
            else if (reader.Is("limit"u8))
            {
                value.Limit = reader.GetUInt64();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxNetwork ReadLinuxNetwork(ref Utf8JsonReader reader)
    {
        LinuxNetwork value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("classID"u8))
            {
                value.ClassId = reader.NullableUInt32();
            }
            else if (reader.Is("priorities"u8))
            {
                value.Priorities = reader.List(ReadLinuxInterfacePriority);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxInterfacePriority ReadLinuxInterfacePriority(ref Utf8JsonReader reader)
    {
        LinuxInterfacePriority value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("name"u8))
            {
                value.Name = reader.GetString()!;
            }
            else if (reader.Is("priority"u8))
            {
                value.Priority = reader.GetUInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxRdma ReadLinuxRdma(ref Utf8JsonReader reader)
    {
        LinuxRdma value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("hcaHandles"u8))
            {
                value.HcaHandles = reader.NullableUInt32();
            }
            else if (reader.Is("hcaObjects"u8))
            {
                value.HcaObjects = reader.NullableUInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
