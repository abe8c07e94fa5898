using System.Globalization;
using System.Text.Json;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>update</c>: changes the limits of a container that exists, by options or by a resources document.</summary>
internal static class UpdateCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        LinuxResources resources = new() { Memory = new LinuxMemory(), Cpu = new LinuxCpu(), BlockIo = new LinuxBlockIo() };
        string? document = null;
        LinuxIntelRdt rdt = new();
        while (reader.NextOption())
        {
            if (reader.Option is "resources" or "r")
            {
                document = reader.Value();
            }
            else if (reader.Option == "l3-cache-schema")
            {
                rdt.L3CacheSchema = reader.Value();
            }
            else if (reader.Option == "mem-bw-schema")
            {
                rdt.MemBwSchema = reader.Value();
            }
            else if (reader.Option is "kernel-memory" or "kernel-memory-tcp")
            {
                _ = Bytes(reader);
                context.Log.Warn("Kernel memory settings are ignored and will be removed");
            }
            else
            {
                Set(resources, reader);
            }
        }

        StoredContainer container = context.Store.Load(reader.Single("update", "the container's id"));
        if (container.Status == ContainerStatus.Stopped)
        {
            throw new RuntimeException(ErrorKind.WrongState, "container not running");
        }

        UpdateRdt(container, rdt);

        // As runc: what the document holds is all that is changed.
        LinuxResources changes = document is null ? resources : Read(document);
        // Rules of devices are made once, with the defaults added; podman sends its own part of them with every update, and runc passes over it.
        changes.Devices = null;
        container.Cgroup.Apply(ResourcesSection.ToResources(changes));
        if (container.SystemdUnit is { } unit)
        {
            SystemdScope.Set(unit, SystemdProperties.Of(changes, Linux.Cgroups.CgroupHierarchies.Current.Mode == Linux.Cgroups.CgroupMode.V2));
        }

        return 0;
    }

    private static void UpdateRdt(StoredContainer container, LinuxIntelRdt changes)
    {
        if (changes.L3CacheSchema is null && changes.MemBwSchema is null)
        {
            return;
        }

        // Only a container that has a class of service can change it.
        LinuxIntelRdt there = container.Spec.Linux?.IntelRdt ?? throw new RuntimeException(ErrorKind.Invalid,
            changes.L3CacheSchema is null ? "Intel RDT/MBA: memory bandwidth schema is not enabled" : "Intel RDT/CAT: l3 cache schema is not enabled");
        IntelRdt.Change(IntelRdt.MountPoint(), there, container.Id, changes);
    }

    private static void Set(LinuxResources resources, CommandLineReader reader)
    {
        LinuxCpu cpu = resources.Cpu!;
        LinuxMemory memory = resources.Memory!;
        switch (reader.Option)
        {
            case "blkio-weight":
                resources.BlockIo!.Weight = (ushort)Number(reader, 0, 1000);
                break;
            case "cpu-period":
                cpu.Period = (ulong)Number(reader, 0);
                break;
            case "cpu-quota":
                cpu.Quota = Number(reader, -1);
                break;
            case "cpu-burst":
                cpu.Burst = (ulong)Number(reader, 0);
                break;
            case "cpu-share":
                cpu.Shares = (ulong)Number(reader, 0);
                break;
            case "cpu-rt-period":
                cpu.RealtimePeriod = (ulong)Number(reader, 0);
                break;
            case "cpu-rt-runtime":
                cpu.RealtimeRuntime = Number(reader, -1);
                break;
            case "cpu-idle":
                cpu.Idle = Number(reader, 0, 1);
                break;
            case "cpuset-cpus":
                cpu.Cpus = reader.Value();
                break;
            case "cpuset-mems":
                cpu.Mems = reader.Value();
                break;
            case "memory":
                memory.Limit = Bytes(reader);
                break;
            case "memory-reservation":
                memory.Reservation = Bytes(reader);
                break;
            case "memory-swap":
                memory.Swap = Bytes(reader);
                break;
            case "pids-limit":
                resources.Pids = new LinuxPids { Limit = Number(reader, -1) };
                break;
            default:
                throw reader.Unknown("update");
        }
    }

    private static long Number(CommandLineReader reader, long least, long most = long.MaxValue)
    {
        string text = reader.Value();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw new RuntimeException(ErrorKind.Invalid, $"invalid value \"{text}\" for --{reader.Option}: a number from {least}{(most == long.MaxValue ? "" : $" to {most}")} is needed");
    }

    // A number of bytes, or of KiB, MiB, GiB, TiB with that letter; -1 for no limit.
    private static long Bytes(CommandLineReader reader)
    {
        string text = reader.Value();
        string digits = text.TrimEnd('b', 'B', 'i');
        int shift = digits.Length == 0 ? -1 : "kmgt".IndexOf(char.ToLowerInvariant(digits[^1]), StringComparison.Ordinal);
        digits = shift < 0 ? digits : digits[..^1];
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= -1 && (shift < 0 || value <= long.MaxValue >> ((shift + 1) * 10))
            ? value << (value < 0 ? 0 : (shift + 1) * 10)
            : throw new RuntimeException(ErrorKind.Invalid, $"invalid value \"{text}\" for --{reader.Option}: a number of bytes such as 64m, or -1, is needed");
    }

    private static LinuxResources Read(string path)
    {
        try
        {
            using Stream stream = path == "-" ? new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(0, ownsHandle: false), FileAccess.Read, 0) : File.OpenRead(path);
            using MemoryStream content = new();
            stream.CopyTo(content);
            return RuntimeDocument.ReadResources(content.ToArray());
        }
        catch (JsonException failure)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"resources \"{path}\" are wrong at {failure.Path}, line {failure.LineNumber + 1}: {failure.Message}", inner: failure);
        }
    }
}
