using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>Options of a bind mount in the long form.</summary>
public sealed class BindOptions
{
    /// <summary><c>private</c>, <c>rprivate</c>, <c>shared</c>, <c>rshared</c>, <c>slave</c> or <c>rslave</c>; empty means rprivate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Propagation { get; set; }

    /// <summary>Whether the mounts below the source stay out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NonRecursive { get; set; }

    /// <summary>Whether a missing source is created as a directory.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CreateMountpoint { get; set; }

    /// <summary>Whether a read-only mount leaves the mounts below it writable.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnlyNonRecursive { get; set; }

    /// <summary>Whether the mounts below a read-only mount must be made read-only too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnlyForceRecursive { get; set; }
}
