using System.Globalization;
using System.Text.Json;
using Tare.Linux.Cgroups;

namespace Tare.Runtime.Commands;

/// <summary>Writes what a group uses under the names that runc's <c>events --stats</c> has for it. Zeros are left out where runc leaves them out.</summary>
internal sealed class StatisticsWriter(Utf8JsonWriter writer, Cgroup cgroup)
{
    private bool Unified => cgroup.Hierarchies.Mode == CgroupMode.V2;

    /// <summary>Writes the member <c>data</c>.</summary>
    public void Write()
    {
        writer.WriteStartObject("data"u8);
        CgroupUsage usage = cgroup.ReadUsage();
        WriteCpu(usage);
        WriteCpuset();
        WriteMemory();
        WritePids(usage);
        WriteBlockIo();
        WriteHugePages();
        // As runc, which fills neither for a container without a class of service.
        writer.WriteStartObject("intel_rdt"u8);
        writer.WriteEndObject();
        writer.WriteNull("network_interfaces"u8);
        writer.WriteEndObject();
    }

    private void WriteCpu(CgroupUsage usage)
    {
        writer.WriteStartObject("cpu"u8);
        writer.WriteStartObject("usage"u8);
        Number("total", usage.CpuNanoseconds);
        if (cgroup.Find("cpuacct") is { Hierarchy.IsUnified: false } accounting && CgroupFile.TryRead(accounting["cpuacct.usage_percpu"]) is { } each)
        {
            WriteNumbers("percpu", each.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            WriteCpuModes(accounting);
        }

        writer.WriteNumber("kernel"u8, usage.CpuSystemNanoseconds);
        writer.WriteNumber("user"u8, usage.CpuUserNanoseconds);
        writer.WriteEndObject();
        writer.WriteStartObject("throttling"u8);
        Number("periods", usage.CpuPeriods);
        Number("throttledPeriods", usage.CpuThrottledPeriods);
        Number("throttledTime", usage.CpuThrottledNanoseconds);
        writer.WriteEndObject();
        WritePressure("cpu");
        writer.WriteEndObject();
    }

    // A heading, then for each processor: number, user and system nanoseconds.
    private void WriteCpuModes(CgroupDirectory accounting)
    {
        string[][] each = [.. (CgroupFile.TryRead(accounting["cpuacct.usage_all"]) ?? "").Split('\n').Skip(1).Select(line => line.Split(' ')).Where(words => words.Length == 3)];
        if (each.Length > 0)
        {
            WriteNumbers("percpu_kernel", each.Select(words => words[2]));
            WriteNumbers("percpu_user", each.Select(words => words[1]));
        }
    }

    private void WriteCpuset()
    {
        if (cgroup.Find("cpuset") is not { Hierarchy.IsUnified: false } cpuset)
        {
            return;
        }

        writer.WriteStartObject("cpuset"u8);
        WriteNumbers("cpus", Members("cpuset.cpus"));
        WriteNumbers("mems", Members("cpuset.mems"));
        foreach (string flag in (ReadOnlySpan<string>)["cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab",
            "memory_pressure", "sched_load_balance", "sched_relax_domain_level"])
        {
            if (CgroupFile.TryReadNumber(cpuset["cpuset." + flag]) is { } value)
            {
                writer.WriteNumber(flag, value);
            }
        }

        writer.WriteEndObject();

        // 0-2,7 (cpuset(7), "List format")
        IEnumerable<string> Members(string file)
        {
            foreach (string range in (CgroupFile.TryRead(cpuset[file]) ?? "").Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] ends = range.Split('-');
                for (int member = int.Parse(ends[0], CultureInfo.InvariantCulture); member <= int.Parse(ends[^1], CultureInfo.InvariantCulture); member++)
                {
                    yield return member.ToString(CultureInfo.InvariantCulture);
                }
            }
        }
    }

    private void WriteNumbers(string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteNumberValue(ulong.Parse(value, CultureInfo.InvariantCulture));
        }

        writer.WriteEndArray();
    }

    private void WriteMemory()
    {
        writer.WriteStartObject("memory"u8);
        if (cgroup.Find("memory") is { } memory)
        {
            string statistics = CgroupFile.TryRead(memory["memory.stat"]) ?? "";
            Number("cache", CgroupFile.FieldOf(statistics, Unified ? "file" : "cache") ?? 0);
            if (Unified)
            {
                WriteUsage("usage", memory, "memory.current", "memory.max", "memory.peak", null);
                WriteUsage("swap", memory, "memory.swap.current", "memory.swap.max", "memory.swap.peak", null);
            }
            else
            {
                foreach ((string name, string part) in new[] { ("usage", ""), ("swap", "memsw."), ("kernel", "kmem."), ("kernelTCP", "kmem.tcp.") })
                {
                    WriteUsage(name, memory, $"memory.{part}usage_in_bytes", $"memory.{part}limit_in_bytes", $"memory.{part}max_usage_in_bytes", $"memory.{part}failcnt");
                }
            }

            writer.WriteStartObject("raw"u8);
            foreach (string[] field in statistics.Split('\n').Select(line => line.Split(' ')).Where(words => words.Length == 2).OrderBy(words => words[0], StringComparer.Ordinal))
            {
                if (ulong.TryParse(field[1], CultureInfo.InvariantCulture, out ulong value))
                {
                    writer.WriteNumber(field[0], value);
                }
            }

            writer.WriteEndObject();
            WritePressure("memory");
        }

        writer.WriteEndObject();
    }

    private void WriteUsage(string name, CgroupDirectory memory, string usage, string limit, string peak, string? failures)
    {
        if (CgroupFile.TryReadNumber(memory[usage]) is not { } used)
        {
            return;
        }

        writer.WriteStartObject(name);
        long most = CgroupFile.TryReadNumber(memory[limit]) ?? 0;
        if (most == long.MaxValue)
        {
            writer.WriteNumber("limit"u8, ulong.MaxValue); // as runc: "max"
        }
        else
        {
            writer.WriteNumber("limit"u8, most);
        }

        Number("usage", used);
        Number("max", CgroupFile.TryReadNumber(memory[peak]) ?? 0);
        writer.WriteNumber("failcnt"u8, failures is null ? 0 : CgroupFile.TryReadNumber(memory[failures]) ?? 0);
        writer.WriteEndObject();
    }

    private void WritePids(CgroupUsage usage)
    {
        writer.WriteStartObject("pids"u8);
        Number("current", usage.Pids);
        Number("limit", usage.PidsLimit == long.MaxValue ? 0 : usage.PidsLimit);
        writer.WriteEndObject();
    }

    private void WriteBlockIo()
    {
        writer.WriteStartObject("blkio"u8);
        bool legacy = cgroup.Find("blkio") is { Hierarchy.IsUnified: false };
        if (legacy || cgroup.Find("io") is not null)
        {
            WriteTransfers("ioServiceBytesRecursive", cgroup.BlockBytes());
            WriteTransfers("ioServicedRecursive", cgroup.BlockOperations());
            if (!legacy)
            {
                WritePressure("io");
            }
        }

        writer.WriteEndObject();
    }

    private void WriteTransfers(string name, List<BlockTransfer> transfers)
    {
        writer.WriteStartArray(name);
        foreach (BlockTransfer transfer in transfers)
        {
            writer.WriteStartObject();
            Number("major", transfer.Major);
            Number("minor", transfer.Minor);
            writer.WriteString("op"u8, transfer.Operation);
            Number("value", transfer.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteHugePages()
    {
        writer.WriteStartObject("hugetlb"u8);
        if (cgroup.Find("hugetlb") is { } directory && Directory.Exists(directory.Path))
        {
            string usage = Unified || directory.Hierarchy.IsUnified ? ".current" : ".usage_in_bytes";
            foreach (string path in Directory.EnumerateFiles(directory.Path, "hugetlb.*" + usage).Where(path => !path.Contains(".rsvd.", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                string size = System.IO.Path.GetFileName(path)["hugetlb.".Length..^usage.Length];
                writer.WriteStartObject(size);
                Number("usage", CgroupFile.TryReadNumber(path) ?? 0);
                Number("max", CgroupFile.TryReadNumber(directory[$"hugetlb.{size}.max_usage_in_bytes"]) ?? 0);
                writer.WriteNumber("failcnt"u8, CgroupFile.TryReadNumber(directory[$"hugetlb.{size}.failcnt"]) ?? 0);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    }

    // some avg10=0.00 avg60=0.00 avg300=0.00 total=0
    private void WritePressure(string resource)
    {
        if (cgroup.Unified is not { } unified || CgroupFile.TryRead(unified[resource + ".pressure"]) is not { } text)
        {
            return;
        }

        writer.WriteStartObject("psi"u8);
        foreach (string[] words in text.Split('\n').Select(line => line.Split(' ')).Where(words => words.Length == 5))
        {
            writer.WriteStartObject(words[0]);
            foreach (string word in words.Skip(1))
            {
                int equals = word.IndexOf('=', StringComparison.Ordinal);
                writer.WriteNumber(word[..equals], decimal.Parse(word[(equals + 1)..], CultureInfo.InvariantCulture));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void Number(string name, long value)
    {
        if (value != 0)
        {
            writer.WriteNumber(name, value);
        }
    }
}
