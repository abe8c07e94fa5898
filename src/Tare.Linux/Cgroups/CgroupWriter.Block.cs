namespace Tare.Linux.Cgroups;

// Block I/O: cgroup-v1/blkio-controller.rst, bfq-iosched.rst, cgroup-v2.rst.
internal sealed partial class CgroupWriter
{
    private void ApplyBlock(CgroupResources r)
    {
        if (r.BlockWeight is { } weight)
        {
            RequireRange("block I/O weight", "", weight, 10, 1000);
        }

        bool any = r.BlockWeight is not null || r.BlockLeafWeight is not null || r.BlockWeightDevices.Count > 0
            || r.BlockReadBytes.Count > 0 || r.BlockWriteBytes.Count > 0 || r.BlockReadOperations.Count > 0 || r.BlockWriteOperations.Count > 0;
        if (!any)
        {
            return;
        }

        // The controller is called blkio in version 1 and io in version 2.
        if (cgroup.Find("blkio") is { Hierarchy.IsUnified: false } directory)
        {
            ApplyBlockLegacy(r, directory);
        }
        else
        {
            ApplyBlockUnified(r, Require("io", "a block I/O limit"));
        }
    }

    private static void ApplyBlockLegacy(CgroupResources r, CgroupDirectory directory)
    {
        // Which of the two exists depends on the I/O schedulers of the kernel: CFQ until 5.0, BFQ from 4.12.
        if (r.BlockWeight is { } weight)
        {
            SetEither(directory, "blkio.weight", "blkio.bfq.weight", Text((ulong)weight), "block I/O weight");
        }

        if (r.BlockLeafWeight is { } leaf)
        {
            Set(directory, "blkio.leaf_weight", Text((ulong)leaf), "block I/O leaf weight");
        }

        foreach (BlockDeviceValue device in r.BlockWeightDevices)
        {
            SetEither(directory, "blkio.weight_device", "blkio.bfq.weight_device", DeviceLine(device), "block I/O weight of a device");
        }

        SetEach(directory, "blkio.throttle.read_bps_device", r.BlockReadBytes, "read limit of a device");
        SetEach(directory, "blkio.throttle.write_bps_device", r.BlockWriteBytes, "write limit of a device");
        SetEach(directory, "blkio.throttle.read_iops_device", r.BlockReadOperations, "read operations limit of a device");
        SetEach(directory, "blkio.throttle.write_iops_device", r.BlockWriteOperations, "write operations limit of a device");
    }

    private static void ApplyBlockUnified(CgroupResources r, CgroupDirectory directory)
    {
        if (r.BlockLeafWeight is not null)
        {
            throw new CgroupException("set block I/O leaf weight: cgroup version 2 has none");
        }

        if (r.BlockWeight is { } weight)
        {
            // BFQ keeps version 1's scale; io.weight runs from 1 to 10000.
            Errno errno = CgroupFile.TryWrite(directory["io.bfq.weight"], Text((ulong)weight));
            if (errno == Errno.ENOENT)
            {
                Set(directory, "io.weight", "default " + Text(1 + (((ulong)weight - 10) * 9999 / 990)), "block I/O weight");
            }
            else if (errno != Errno.None)
            {
                throw Refused(directory, "io.bfq.weight", Text((ulong)weight), "block I/O weight", errno);
            }
        }

        foreach (BlockDeviceValue device in r.BlockWeightDevices)
        {
            Set(directory, "io.bfq.weight", DeviceLine(device), "block I/O weight of a device");
        }

        SetRates(directory, "rbps", r.BlockReadBytes);
        SetRates(directory, "wbps", r.BlockWriteBytes);
        SetRates(directory, "riops", r.BlockReadOperations);
        SetRates(directory, "wiops", r.BlockWriteOperations);
    }

    private static string DeviceLine(BlockDeviceValue device) => $"{Text(device.Major)}:{Text(device.Minor)} {Text(device.Value)}";

    private static void SetEither(CgroupDirectory directory, string file, string other, string value, string what)
    {
        Errno errno = CgroupFile.TryWrite(directory[file], value);
        if (errno == Errno.ENOENT)
        {
            Set(directory, other, value, what);
        }
        else if (errno != Errno.None)
        {
            throw Refused(directory, file, value, what, errno);
        }
    }

    private static void SetEach(CgroupDirectory directory, string file, IReadOnlyList<BlockDeviceValue> devices, string what)
    {
        foreach (BlockDeviceValue device in devices)
        {
            Set(directory, file, DeviceLine(device), what);
        }
    }

    private static void SetRates(CgroupDirectory directory, string key, IReadOnlyList<BlockDeviceValue> devices)
    {
        foreach (BlockDeviceValue device in devices)
        {
            string rate = device.Value == 0 ? "max" : Text(device.Value);
            Set(directory, "io.max", $"{Text(device.Major)}:{Text(device.Minor)} {key}={rate}", "I/O limit of a device");
        }
    }
}
