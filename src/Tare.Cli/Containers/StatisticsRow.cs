using System.Globalization;
using System.Text.Json;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Containers;

/// <summary>Makes the rows of <c>tare stats</c> from two readings of a container.</summary>
internal static class StatisticsRow
{
    /// <summary>The titles of the cells.</summary>
    public static IReadOnlyList<(string, string)> Headers { get; } =
    [
        ("Container", "CONTAINER"), ("Name", "NAME"), ("ID", "CONTAINER ID"), ("CPUPerc", "CPU %"), ("MemUsage", "MEM USAGE / LIMIT"), ("MemPerc", "MEM %"),
        ("NetIO", "NET I/O"), ("BlockIO", "BLOCK I/O"), ("PIDs", "PIDS"),
    ];

    /// <summary>Makes a row.</summary>
    /// <param name="container">What the user called the container.</param>
    /// <param name="now">The present reading; undefined where the container cannot be read.</param>
    /// <param name="before">The reading before; undefined for none.</param>
    /// <param name="truncate">Whether the ID is cut to 12 digits.</param>
    public static TemplateRow From(string container, JsonElement now, JsonElement before, bool truncate)
    {
        TemplateRow row = new("statsContext");
        bool known = now.ValueKind == JsonValueKind.Object;
        row.Add("Container", () => container);
        row.Add("Name", () => known ? now.Text("name").TrimStart('/') : "--");
        row.Add("ID", () => !known ? "--" : truncate ? ShortText.Id(now.Text("id")) : now.Text("id"));
        row.Add("CPUPerc", () => known ? Percent(Cpu(now, before)) : "--");
        row.Add("MemUsage", () => known ? $"{SizeText.Binary(Memory(now))} / {SizeText.Binary(now.Member("memory_stats").Number("limit"))}" : "-- / --");
        row.Add("MemPerc", () => known ? Percent(now.Member("memory_stats").Number("limit") is > 0 and var limit ? Memory(now) * 100.0 / limit : 0) : "--");
        row.Add("NetIO", () => known ? Pair(Network(now, "rx_bytes"), Network(now, "tx_bytes")) : "--");
        row.Add("BlockIO", () => known ? Pair(Block(now, 'r'), Block(now, 'w')) : "--");
        row.Add("PIDs", () => known ? now.Member("pids_stats").Number("current").ToString(CultureInfo.InvariantCulture) : "--");
        return row;
    }

    /// <summary>The share of one CPU that was used between two readings, in per cent: two CPUs in use are 200.</summary>
    internal static double Cpu(JsonElement now, JsonElement before)
    {
        double used = Used(now) - Used(before);
        double all = System(now) - System(before);
        return used > 0 && all > 0 ? used / all * Math.Max(now.Member("cpu_stats").Number("online_cpus"), 1) * 100 : 0;

        static double Used(JsonElement reading) => reading.ValueKind == JsonValueKind.Object ? reading.Member("cpu_stats").Member("cpu_usage").Number("total_usage") : 0;
        static double System(JsonElement reading) => reading.ValueKind == JsonValueKind.Object ? reading.Member("cpu_stats").Number("system_cpu_usage") : 0;
    }

    // As docker: without the page cache that could be dropped at once, by the name that the cgroup's version has for it.
    private static long Memory(JsonElement now)
    {
        JsonElement memory = now.Member("memory_stats");
        JsonElement fields = memory.Member("stats");
        long used = memory.Number("usage");
        long droppable = fields.Member("total_inactive_file").ValueKind == JsonValueKind.Number ? fields.Number("total_inactive_file")
            : fields.ValueKind == JsonValueKind.Object ? fields.Number("inactive_file") : 0;
        return droppable < used ? used - droppable : used;
    }

    private static long Network(JsonElement now, string counter) => now.Members("networks").Sum(network => network.Value.Number(counter));

    private static long Block(JsonElement now, char operation)
        => now.Member("blkio_stats").Items("io_service_bytes_recursive").Where(entry => entry.Text("op") is { Length: > 0 } name && char.ToLowerInvariant(name[0]) == operation).Sum(entry => entry.Number("value"));

    private static string Pair(long first, long second) => $"{SizeText.Human(first, 3)} / {SizeText.Human(second, 3)}";

    private static string Percent(double value) => value.ToString("F2", CultureInfo.InvariantCulture) + "%";
}
