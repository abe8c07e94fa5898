using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Scheduling policy of a process (config.md, Scheduler).</summary>
public sealed class Scheduler
{
    /// <summary>SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_ISO, SCHED_IDLE or SCHED_DEADLINE.</summary>
    [JsonPropertyName("policy")]
    public string Policy { get; set; } = "";

    /// <summary>Nice value of SCHED_OTHER and SCHED_BATCH.</summary>
    [JsonPropertyName("nice")]
    public int Nice { get; set; }

    /// <summary>Static priority of SCHED_FIFO and SCHED_RR.</summary>
    [JsonPropertyName("priority")]
    public int Priority { get; set; }

    /// <summary>SCHED_FLAG_… names.</summary>
    [JsonPropertyName("flags")]
    public List<string>? Flags { get; set; }

    /// <summary>Nanoseconds, SCHED_DEADLINE.</summary>
    [JsonPropertyName("runtime")]
    public ulong Runtime { get; set; }

    /// <summary>Nanoseconds, SCHED_DEADLINE.</summary>
    [JsonPropertyName("deadline")]
    public ulong Deadline { get; set; }

    /// <summary>Nanoseconds, SCHED_DEADLINE.</summary>
    [JsonPropertyName("period")]
    public ulong Period { get; set; }
}
