using Tare.Engine.Errors;
using Tare.Engine.Layers;
using Tare.Engine.Lifecycle;
using Tare.Engine.Networks;
using Tare.Engine.Specs;
using Tare.Engine.Validation;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;

namespace Tare.Engine.Containers;

/// <summary>Changes the limits and the restart policy of a container, as <c>docker update</c> does.</summary>
internal static class ContainerUpdate
{
    /// <summary>Checks and makes the changes: in the kernel first where the container runs, then in its documents.</summary>
    /// <exception cref="EngineException">InvalidArgument: a value is wrong, or conflicts with one that is set. Internal: the kernel refuses.</exception>
    /// <param name="container">The container; its turn is held.</param>
    /// <param name="request">What to change.</param>
    /// <param name="parts">The engine's parts.</param>
    /// <returns>Warnings.</returns>
    public static IReadOnlyList<string> Apply(Container container, UpdateContainerRequest request, EngineParts parts)
    {
        List<string> warnings = [];
        HostConfig asked = request.Resources;
        ResourceValidator.Check(WithPresentMemory(asked, container.Document.HostConfig), parts.Machine, warnings);
        CheckConflicts(container, request);
        ApplyNetwork(container, asked, parts);
        long? layerSize = LayerSize.Of(asked.StorageOpt);
        if (layerSize is { } bytes)
        {
            parts.Layers.Change(container, bytes);
        }

        if (container.State.IsAlive)
        {
            ApplyToCgroup(container, asked, parts);
        }

        container.Change(c =>
        {
            Merge(c.Document.HostConfig, request);
            c.Document.LayerSizeBytes = layerSize ?? c.Document.LayerSizeBytes;
        });
        return warnings;
    }

    /// <summary>The cgroup of a container, below the mount points.</summary>
    public static string CgroupPathOf(Container container, EngineParts parts)
    {
        string parent = container.Document.HostConfig.CgroupParent;
        return (parent.Length > 0 ? "/" + parent.Trim('/') : parts.Options.CgroupParent) + "/" + container.Id;
    }

    // A swap limit alone is measured against the memory limit that is in force.
    private static HostConfig WithPresentMemory(HostConfig asked, HostConfig present)
    {
        asked.Memory = asked.Memory == 0 && asked.MemorySwap > 0 ? present.Memory : asked.Memory;
        return asked;
    }

    private static void CheckConflicts(Container container, UpdateContainerRequest request)
    {
        HostConfig asked = request.Resources;
        HostConfig present = container.Document.HostConfig;
        if (asked.NanoCpus != 0 && (present.CpuPeriod != 0 || present.CpuQuota != 0))
        {
            Refuse(container, $"Conflicting options: Nano CPUs cannot be updated as CPU {(present.CpuPeriod != 0 ? "Period" : "Quota")} has already been set");
        }

        if ((asked.CpuPeriod != 0 || asked.CpuQuota != 0) && present.NanoCpus != 0)
        {
            Refuse(container, $"Conflicting options: CPU {(asked.CpuPeriod != 0 ? "Period" : "Quota")} cannot be updated as NanoCPUs has already been set");
        }

        if (asked.Memory > 0 && asked.MemorySwap == 0 && present.MemorySwap > 0 && asked.Memory > present.MemorySwap)
        {
            Refuse(container, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
        }

        if (present.AutoRemove && request.RestartPolicy is { Name: not ("" or "no") })
        {
            throw new EngineException(ErrorClass.Conflict, $"Cannot update container {container.Id}: Restart policy cannot be updated because AutoRemove is enabled for the container");
        }
    }

    private static void Refuse(Container container, string reason) => EngineErrors.ThrowInvalid($"Cannot update container {container.Id}: {reason}");

    private static void ApplyToCgroup(Container container, HostConfig asked, EngineParts parts)
    {
        LinuxResources resources = ResourceTranslation.Translate(asked);
        if (asked.PidsLimit is <= 0)
        {
            resources.Pids = new LinuxPids { Limit = -1 };
        }

        try
        {
            Cgroup.Open(CgroupHierarchies.Current, CgroupPathOf(container, parts)).Apply(ResourcesSection.ToResources(resources));
        }
        catch (Exception failure) when (failure is CgroupException or LinuxException or ArgumentException)
        {
            throw new EngineException(ErrorClass.Internal, $"Cannot update container {container.Id}: {failure.Message}", failure);
        }
    }

    private static void ApplyNetwork(Container container, HostConfig asked, EngineParts parts)
    {
        if (string.IsNullOrEmpty(asked.NetworkIngress) && string.IsNullOrEmpty(asked.NetworkEgress))
        {
            return;
        }

        NetworkLimits.Of(asked);
        HostConfig present = container.Document.HostConfig;
        HostConfig next = new()
        {
            NetworkMode = present.NetworkMode,
            NetworkIngress = NetworkLimits.Changed(asked.NetworkIngress, present.NetworkIngress),
            NetworkEgress = NetworkLimits.Changed(asked.NetworkEgress, present.NetworkEgress),
        };
        NetworkLimits.Take(new ContainerConfig { NetworkDisabled = container.Document.Config.NetworkDisabled }, next);
        if (container.State.IsAlive)
        {
            parts.Networks.ChangeLimits(container, NetworkLimits.Of(next));
        }
    }

    private static void Merge(HostConfig present, UpdateContainerRequest request)
    {
        HostConfig asked = request.Resources;
        present.BlkioWeight = asked.BlkioWeight != 0 ? asked.BlkioWeight : present.BlkioWeight;
        present.CpuShares = asked.CpuShares != 0 ? asked.CpuShares : present.CpuShares;
        present.NanoCpus = asked.NanoCpus != 0 ? asked.NanoCpus : present.NanoCpus;
        present.CpuPeriod = asked.CpuPeriod != 0 ? asked.CpuPeriod : present.CpuPeriod;
        present.CpuQuota = asked.CpuQuota != 0 ? asked.CpuQuota : present.CpuQuota;
        present.CpuRealtimePeriod = asked.CpuRealtimePeriod != 0 ? asked.CpuRealtimePeriod : present.CpuRealtimePeriod;
        present.CpuRealtimeRuntime = asked.CpuRealtimeRuntime != 0 ? asked.CpuRealtimeRuntime : present.CpuRealtimeRuntime;
        present.CpusetCpus = asked.CpusetCpus.Length > 0 ? asked.CpusetCpus : present.CpusetCpus;
        present.CpusetMems = asked.CpusetMems.Length > 0 ? asked.CpusetMems : present.CpusetMems;
        present.Memory = asked.Memory != 0 ? asked.Memory : present.Memory;
        present.MemorySwap = asked.MemorySwap != 0 ? asked.MemorySwap : present.MemorySwap;
        present.MemoryReservation = asked.MemoryReservation != 0 ? asked.MemoryReservation : present.MemoryReservation;
        present.BlkioDeviceReadBps = asked.BlkioDeviceReadBps is { Count: > 0 } readBytes ? readBytes : present.BlkioDeviceReadBps;
        present.BlkioDeviceWriteBps = asked.BlkioDeviceWriteBps is { Count: > 0 } writtenBytes ? writtenBytes : present.BlkioDeviceWriteBps;
        present.BlkioDeviceReadIOps = asked.BlkioDeviceReadIOps is { Count: > 0 } reads ? reads : present.BlkioDeviceReadIOps;
        present.BlkioDeviceWriteIOps = asked.BlkioDeviceWriteIOps is { Count: > 0 } writes ? writes : present.BlkioDeviceWriteIOps;
        present.NetworkIngress = NetworkLimits.Changed(asked.NetworkIngress, present.NetworkIngress);
        present.NetworkEgress = NetworkLimits.Changed(asked.NetworkEgress, present.NetworkEgress);
        present.StorageOpt = asked.StorageOpt is { Count: > 0 } storage ? storage : present.StorageOpt;
        // Every negative number means no limit, and is shown as none.
        present.PidsLimit = asked.PidsLimit is { } pids ? Math.Max(pids, 0) : present.PidsLimit;
        present.RestartPolicy = request.RestartPolicy is { Name.Length: > 0 } policy ? policy : present.RestartPolicy;
    }
}
