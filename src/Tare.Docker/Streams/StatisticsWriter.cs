using System.Buffers;
using System.Text.Json;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Linux.Cgroups;

namespace Tare.Docker.Streams;

/// <summary>Writes what a container uses as the answer of <c>GET /containers/{id}/stats</c>: the present reading and the one before, from which clients make rates.</summary>
internal static class StatisticsWriter
{
    private const string Never = "0001-01-01T00:00:00Z";
    private static readonly string[] s_counters = ["rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped"];

    private static readonly string[] s_blockCounters =
    [
        "io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive", "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive",
    ];

    /// <summary>One document and a line end.</summary>
    /// <param name="now">The present reading.</param>
    /// <param name="before">The one before; null for none.</param>
    public static ReadOnlyMemory<byte> Write(ContainerStatistics now, ContainerStatistics? before)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", "/" + now.Name);
            json.WriteString("id", now.Id);
            json.WriteString("read", now.Usage is null ? Never : GoTime.Format(now.ReadAt));
            json.WriteString("preread", before?.Usage is null ? Never : GoTime.Format(before.ReadAt));
            WritePids(json, now.Usage);
            WriteBlock(json, now);
            json.WriteNumber("num_procs", 0);
            json.WriteStartObject("storage_stats");
            json.WriteEndObject();
            WriteCpu(json, "cpu_stats", now);
            WriteCpu(json, "precpu_stats", before);
            WriteMemory(json, now);
            WriteNetworks(json, now);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static void WritePids(Utf8JsonWriter json, CgroupUsage? usage)
    {
        json.WriteStartObject("pids_stats");
        if (usage is not null)
        {
            json.WriteNumber("current", usage.Pids);
            if (usage.PidsLimit != long.MaxValue)
            {
                json.WriteNumber("limit", usage.PidsLimit);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter json, ContainerStatistics now)
    {
        json.WriteStartObject("blkio_stats");
        if (now.Usage is null)
        {
            json.WriteNull("io_service_bytes_recursive");
        }
        else
        {
            json.WriteStartArray("io_service_bytes_recursive");
            foreach (BlockTransfer transfer in now.BlockTransfers)
            {
                json.WriteStartObject();
                json.WriteNumber("major", transfer.Major);
                json.WriteNumber("minor", transfer.Minor);
                json.WriteString("op", transfer.Operation.ToLowerInvariant());
                json.WriteNumber("value", transfer.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        // Docker fills these on no kernel of today.
        foreach (string name in s_blockCounters)
        {
            if (now.Usage is null)
            {
                json.WriteNull(name);
            }
            else
            {
                json.WriteStartArray(name);
                json.WriteEndArray();
            }
        }

        json.WriteEndObject();
    }

    private static void WriteCpu(Utf8JsonWriter json, string member, ContainerStatistics? statistics)
    {
        CgroupUsage usage = statistics?.Usage ?? new CgroupUsage();
        json.WriteStartObject(member);
        json.WriteStartObject("cpu_usage");
        json.WriteNumber("total_usage", usage.CpuNanoseconds);
        if (statistics?.CpuNanosecondsOfEach is { Count: > 0 } each)
        {
            json.WriteStartArray("percpu_usage");
            foreach (ulong value in each)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteNumber("usage_in_kernelmode", usage.CpuSystemNanoseconds);
        json.WriteNumber("usage_in_usermode", usage.CpuUserNanoseconds);
        json.WriteEndObject();
        if (statistics?.SystemCpuNanoseconds is { } system)
        {
            json.WriteNumber("system_cpu_usage", system);
            json.WriteNumber("online_cpus", statistics.OnlineCpus);
        }

        json.WriteStartObject("throttling_data");
        json.WriteNumber("periods", usage.CpuPeriods);
        json.WriteNumber("throttled_periods", usage.CpuThrottledPeriods);
        json.WriteNumber("throttled_time", usage.CpuThrottledNanoseconds);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, ContainerStatistics now)
    {
        json.WriteStartObject("memory_stats");
        if (now.Usage is { } usage)
        {
            json.WriteNumber("usage", usage.MemoryBytes);
            if (usage.MemoryPeakBytes > 0)
            {
                json.WriteNumber("max_usage", usage.MemoryPeakBytes);
            }

            json.WriteStartObject("stats");
            foreach ((string name, ulong value) in now.MemoryFields)
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
            json.WriteNumber("limit", Math.Min(usage.MemoryLimitBytes, now.MachineMemoryBytes));
        }

        json.WriteEndObject();
    }

    private static void WriteNetworks(Utf8JsonWriter json, ContainerStatistics now)
    {
        if (now.Networks.Count == 0)
        {
            return;
        }

        json.WriteStartObject("networks");
        foreach ((string name, IReadOnlyList<ulong> counters) in now.Networks)
        {
            json.WriteStartObject(name);
            for (int i = 0; i < s_counters.Length; i++)
            {
                json.WriteNumber(s_counters[i], counters[i]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
