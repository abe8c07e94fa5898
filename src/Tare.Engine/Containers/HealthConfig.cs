using System.Text.Json.Serialization;
using Tare.Oci.Images;

namespace Tare.Engine.Containers;

/// <summary>A health check (Docker Engine API, <c>HealthConfig</c>). Times are in nanoseconds; 0 inherits the default.</summary>
public sealed class HealthConfig
{
    /// <summary>The test: <c>[]</c> inherits, <c>["NONE"]</c> disables, <c>["CMD", …]</c> executes, <c>["CMD-SHELL", line]</c> uses the shell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Test { get; set => field = JsonValues.Strings(value); }

    /// <summary>Nanoseconds between two checks; 0 means 30 s.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Interval { get; set; }

    /// <summary>Nanoseconds after which a check counts as failed; 0 means 30 s.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Timeout { get; set; }

    /// <summary>Nanoseconds after the start in which failures do not count.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartPeriod { get; set; }

    /// <summary>Nanoseconds between two checks during the start period; 0 means 5 s.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartInterval { get; set; }

    /// <summary>Failures in a row that make the container unhealthy; 0 means 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Retries { get; set; }
}
