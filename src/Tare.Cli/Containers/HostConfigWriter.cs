using System.Text.Json;

namespace Tare.Cli.Containers;

/// <summary>Writes the members of <c>HostConfig</c>: what the host grants the container.</summary>
internal sealed class HostConfigWriter(ContainerFlags flags, IReadOnlyList<PortBinding> bindings, (int Rows, int Columns) consoleSize)
{
    /// <summary>Writes the members into the open object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        // What docker sends as empty is sent as empty here too: inspect shows a container as it was asked for, and scripts read it.
        WriteStorage(json);
        WriteLifecycle(json);
        WriteNetwork(json);
        WriteRights(json);
        WriteResources(json);
        WriteBlockDevices(json);
    }

    private void WriteStorage(Utf8JsonWriter json)
    {
        StorageFlags storage = flags.Storage;
        JsonFields.TextsUnlessEmpty(json, "Binds", [.. storage.Volumes.Values.Where(static volume => volume.Contains(':', StringComparison.Ordinal)).Select(Absolute)]);
        JsonFields.Map(json, "Tmpfs", storage.Tmpfs.Values, ':');
        JsonFields.TextsUnlessEmpty(json, "VolumesFrom", storage.VolumesFrom.Values);
        JsonFields.TextUnlessEmpty(json, "VolumeDriver", storage.VolumeDriver.Value);
        JsonFields.Map(json, "StorageOpt", storage.StorageOptions.Values);
        JsonFields.TrueOnly(json, "ReadonlyRootfs", storage.ReadOnly.Value);
        JsonFields.NumberUnlessZero(json, "ShmSize", storage.ShmSize.Value);
        JsonFields.TextsUnlessEmpty(json, "DeviceCgroupRules", storage.DeviceCgroupRules.Values);
        if (storage.Mounts.Values.Count > 0)
        {
            json.WriteStartArray("Mounts");
            foreach (MountSpecification mount in storage.Mounts.Values)
            {
                mount.Write(json);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("Devices");
        foreach (DeviceSpecification device in storage.Devices.Values.Where(static device => !device.IsCdi))
        {
            json.WriteStartObject();
            json.WriteString("PathOnHost", device.PathOnHost);
            json.WriteString("PathInContainer", device.PathInContainer);
            json.WriteString("CgroupPermissions", device.Permissions);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        DeviceRequestWriter.Write(json, storage);
    }

    private void WriteLifecycle(Utf8JsonWriter json)
    {
        LifecycleFlags lifecycle = flags.Lifecycle;
        RestartPolicy policy = RestartPolicy.Parse(lifecycle.Restart.Value);
        JsonFields.TextUnlessEmpty(json, "ContainerIDFile", lifecycle.CidFile.Value);
        JsonFields.TrueOnly(json, "AutoRemove", lifecycle.AutoRemove.Value);
        json.WriteStartObject("RestartPolicy");
        json.WriteString("Name", policy.Name);
        json.WriteNumber("MaximumRetryCount", policy.MaximumRetryCount);
        json.WriteEndObject();
        json.WriteStartObject("LogConfig");
        json.WriteString("Type", lifecycle.LogDriver.Value);
        JsonFields.Map(json, "Config", lifecycle.LogOptions.Values);
        json.WriteEndObject();
        JsonFields.Map(json, "Annotations", lifecycle.Annotations.Values);
        JsonFields.TextUnlessEmpty(json, "Runtime", lifecycle.Runtime.Value);
        JsonFields.TextUnlessEmpty(json, "Isolation", lifecycle.Isolation.Value);
        json.WriteStartArray("ConsoleSize");
        json.WriteNumberValue(consoleSize.Rows);
        json.WriteNumberValue(consoleSize.Columns);
        json.WriteEndArray();
    }

    private void WriteNetwork(Utf8JsonWriter json)
    {
        NetworkFlags network = flags.Network;
        NetworkAttachment first = NetworkingConfigWriter.Networks(network)[0];
        json.WriteString("NetworkMode", first.Name);
        if (!first.IsUserDefined)
        {
            JsonFields.TextsUnlessEmpty(json, "Links", network.Links.Values);
        }

        JsonFields.TrueOnly(json, "PublishAllPorts", network.PublishAll.Value);
        JsonFields.Texts(json, "Dns", network.Dns.Values);
        JsonFields.Texts(json, "DnsOptions", network.DnsOptions.Values);
        JsonFields.Texts(json, "DnsSearch", network.DnsSearch.Values);
        JsonFields.TextsUnlessEmpty(json, "ExtraHosts", network.ExtraHosts.Values);
        json.WriteStartObject("PortBindings");
        foreach (IGrouping<string, PortBinding> port in bindings.GroupBy(static binding => binding.ContainerPort))
        {
            json.WriteStartArray(port.Key);
            foreach (PortBinding binding in port)
            {
                json.WriteStartObject();
                json.WriteString("HostIp", binding.HostIp);
                json.WriteString("HostPort", binding.HostPort);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteRights(Utf8JsonWriter json)
    {
        ProcessFlags process = flags.Process;
        JsonFields.TextsUnlessEmpty(json, "CapAdd", Capabilities(process.CapabilitiesToAdd.Values));
        JsonFields.TextsUnlessEmpty(json, "CapDrop", Capabilities(process.CapabilitiesToDrop.Values));
        JsonFields.TrueOnly(json, "Privileged", process.Privileged.Value);
        JsonFields.TextsUnlessEmpty(json, "GroupAdd", process.AdditionalGroups.Values);
        List<string> security = SecurityOptions.Prepare(process.SecurityOptions.Values, out bool bareSystemPaths);
        JsonFields.TextsUnlessEmpty(json, "SecurityOpt", security);
        if (bareSystemPaths)
        {
            JsonFields.Texts(json, "MaskedPaths", []);
            JsonFields.Texts(json, "ReadonlyPaths", []);
        }

        JsonFields.Map(json, "Sysctls", process.Sysctls.Values);
        JsonFields.TextUnlessEmpty(json, "PidMode", process.PidMode.Value);
        JsonFields.TextUnlessEmpty(json, "IpcMode", process.IpcMode.Value);
        JsonFields.TextUnlessEmpty(json, "UTSMode", process.UtsMode.Value);
        JsonFields.TextUnlessEmpty(json, "UsernsMode", process.UserNamespace.Value);
        JsonFields.TextUnlessEmpty(json, "CgroupnsMode", process.CgroupNamespace.Value);
        if (process.Init.IsSet)
        {
            json.WriteBoolean("Init", process.Init.Value);
        }
    }

    private void WriteResources(Utf8JsonWriter json)
    {
        ResourceFlags limits = flags.Resources;
        JsonFields.NumberUnlessZero(json, "Memory", limits.Memory.Value);
        JsonFields.NumberUnlessZero(json, "MemorySwap", limits.MemorySwap.Value);
        JsonFields.NumberUnlessZero(json, "MemoryReservation", limits.MemoryReservation.Value);
        JsonFields.NumberUnlessZero(json, "KernelMemory", limits.KernelMemory.Value);
        json.WriteNumber("MemorySwappiness", limits.MemorySwappiness.Value);
        json.WriteBoolean("OomKillDisable", limits.OomKillDisable.Value);
        JsonFields.NumberUnlessZero(json, "OomScoreAdj", limits.OomScoreAdjustment.Value);
        JsonFields.NumberUnlessZero(json, "NanoCpus", limits.NanoCpus.Value);
        JsonFields.NumberUnlessZero(json, "CpuPeriod", limits.CpuPeriod.Value);
        JsonFields.NumberUnlessZero(json, "CpuQuota", limits.CpuQuota.Value);
        JsonFields.NumberUnlessZero(json, "CpuRealtimePeriod", limits.CpuRealtimePeriod.Value);
        JsonFields.NumberUnlessZero(json, "CpuRealtimeRuntime", limits.CpuRealtimeRuntime.Value);
        JsonFields.NumberUnlessZero(json, "CpuShares", limits.CpuShares.Value);
        JsonFields.TextUnlessEmpty(json, "CpusetCpus", limits.CpusetCpus.Value);
        JsonFields.TextUnlessEmpty(json, "CpusetMems", limits.CpusetMems.Value);
        JsonFields.NumberUnlessZero(json, "PidsLimit", limits.PidsLimit.Value);
        JsonFields.TextUnlessEmpty(json, "NetworkIngress", limits.NetworkIngress.Value);
        JsonFields.TextUnlessEmpty(json, "NetworkEgress", limits.NetworkEgress.Value);
        JsonFields.TextUnlessEmpty(json, "CgroupParent", limits.CgroupParent.Value);
        json.WriteStartArray("Ulimits");
        foreach (Ulimit limit in flags.Process.Ulimits.Values)
        {
            json.WriteStartObject();
            json.WriteString("Name", limit.Name);
            json.WriteNumber("Hard", limit.Hard);
            json.WriteNumber("Soft", limit.Soft);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteBlockDevices(Utf8JsonWriter json)
    {
        ResourceFlags limits = flags.Resources;
        JsonFields.NumberUnlessZero(json, "BlkioWeight", limits.BlkioWeight.Value);
        WriteRates(json, "BlkioWeightDevice", "Weight", limits.BlkioWeightDevices.Values);
        WriteRates(json, "BlkioDeviceReadBps", "Rate", limits.DeviceReadBps.Values);
        WriteRates(json, "BlkioDeviceWriteBps", "Rate", limits.DeviceWriteBps.Values);
        WriteRates(json, "BlkioDeviceReadIOps", "Rate", limits.DeviceReadIops.Values);
        WriteRates(json, "BlkioDeviceWriteIOps", "Rate", limits.DeviceWriteIops.Values);
    }

    /// <summary>Writes a list of devices with rates or weights.</summary>
    public static void WriteRates(Utf8JsonWriter json, string name, string unit, List<DeviceRate> rates)
    {
        json.WriteStartArray(name);
        foreach (DeviceRate rate in rates)
        {
            json.WriteStartObject();
            json.WriteString("Path", rate.Path);
            json.WriteNumber(unit, rate.Rate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static List<string> Capabilities(List<string> names) =>
        [.. names.Select(static name => name.ToUpperInvariant())
            .Select(static name => name == "ALL" || name.StartsWith("CAP_", StringComparison.Ordinal) ? name : $"CAP_{name}")
            .Distinct().Order(StringComparer.Ordinal)];

    // "./folder:/in/container" is meant from where the client stands; the daemon stands elsewhere.
    private static string Absolute(string volume)
    {
        int colon = volume.IndexOf(':', StringComparison.Ordinal);
        return volume.StartsWith('.') ? Path.GetFullPath(volume[..colon]) + volume[colon..] : volume;
    }
}
