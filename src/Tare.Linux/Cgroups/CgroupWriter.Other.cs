namespace Tare.Linux.Cgroups;

// Huge pages, RDMA, network classes, devices, and files of version 2 by name.
internal sealed partial class CgroupWriter
{
    private void ApplyHugePages(CgroupResources r)
    {
        foreach (HugePageLimit limit in r.HugePages)
        {
            CgroupDirectory directory = Require("hugetlb", "a limit of huge pages");
            string suffix = directory.Hierarchy.IsUnified ? "max" : "limit_in_bytes";
            Set(directory, $"hugetlb.{limit.PageSize}.{suffix}", Text(limit.LimitBytes), "limit of huge pages");

            // Reservations are counted apart from kernel 5.7 on; an older one has no such file.
            string reserved = $"hugetlb.{limit.PageSize}.rsvd.{suffix}";
            Errno errno = CgroupFile.TryWrite(directory[reserved], Text(limit.LimitBytes));
            if (errno is not (Errno.None or Errno.ENOENT))
            {
                throw Refused(directory, reserved, Text(limit.LimitBytes), "limit of reserved huge pages", errno);
            }
        }
    }

    private void ApplyRdma(CgroupResources r)
    {
        foreach (RdmaLimit limit in r.Rdma)
        {
            string line = limit.Device
                + (limit.Handles is { } handles ? $" hca_handle={Text((ulong)handles)}" : "")
                + (limit.Objects is { } objects ? $" hca_object={Text((ulong)objects)}" : "");
            Set(Require("rdma", "an RDMA limit"), "rdma.max", line, "RDMA limit");
        }
    }

    private void ApplyNetwork(CgroupResources r)
    {
        if (r.NetworkClass is { } networkClass)
        {
            Set(Require("net_cls", "a network class"), "net_cls.classid", Text((ulong)networkClass), "network class");
        }

        foreach ((string name, uint priority) in r.NetworkPriorities)
        {
            Set(Require("net_prio", "a network priority"), "net_prio.ifpriomap", $"{name} {Text((ulong)priority)}", "network priority");
        }
    }

    private void ApplyDevices(IReadOnlyList<CgroupDeviceRule> rules)
    {
        if (cgroup.Find("devices") is { Hierarchy.IsUnified: false } directory)
        {
            WriteDevices(directory, rules);
        }
        else if (cgroup.Unified is { } unified)
        {
            DeviceProgram.Attach(unified.Path, rules);
        }
        else
        {
            throw new CgroupException("set device access: no cgroup hierarchy that is mounted here and writable controls devices");
        }
    }

    private static void WriteDevices(CgroupDirectory directory, IReadOnlyList<CgroupDeviceRule> rules)
    {
        // What stands before an entry for everything has no effect.
        int first = rules.Count - 1;
        while (first > 0 && !rules[first].IsEverything)
        {
            first--;
        }

        int allow = -1;
        int deny = -1;
        try
        {
            for (int i = Math.Max(first, 0); i < rules.Count; i++)
            {
                CgroupDeviceRule rule = rules[i];
                ref int fd = ref rule.Allow ? ref allow : ref deny;
                string file = rule.Allow ? "devices.allow" : "devices.deny";
                fd = fd < 0 ? CgroupFile.Open(directory[file], Interop.Libc.O_WRONLY) : fd;
                string line = rule.IsEverything ? "a" : $"{rule.Type} {NumberOrAll(rule.Major)}:{NumberOrAll(rule.Minor)} {rule.Access}";
                Errno errno = fd < 0 ? (Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError() : CgroupFile.WriteOpen(fd, line);
                if (errno != Errno.None)
                {
                    throw Refused(directory, file, line, "device access", errno);
                }
            }
        }
        finally
        {
            _ = allow < 0 ? 0 : Interop.Libc.close(allow);
            _ = deny < 0 ? 0 : Interop.Libc.close(deny);
        }
    }

    private static string NumberOrAll(long? number) => number is { } n ? Text(n) : "*";

    private void ApplyUnified(CgroupResources r)
    {
        if (r.Unified is not { Count: > 0 } files)
        {
            return;
        }

        CgroupDirectory directory = cgroup.Unified ?? throw new CgroupException("invalid configuration: set files of cgroup version 2: no unified hierarchy is mounted here");
        foreach ((string file, string value) in files)
        {
            if (file.Contains('/') || file.Length == 0)
            {
                throw new CgroupException($"set \"{file}\": it must be the name of a file of cgroup version 2");
            }

            string controller = file.Split('.')[0];
            if (controller != "cgroup")
            {
                if (!directory.Hierarchy.Controllers.Contains(controller))
                {
                    throw new CgroupException($"invalid configuration: set \"{file}\": the unified hierarchy has no controller \"{controller}\"");
                }

                CgroupMaker.EnableControllers(directory, cgroup.Path, [controller]);
            }

            foreach (string line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Set(directory, file, line, file);
            }
        }
    }
}
