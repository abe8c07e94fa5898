using System.Text.Json.Serialization;

namespace Tare.Runtime.Containers;

/// <summary>state.json: what is kept of a container beside its configuration.</summary>
internal sealed class StateDocument
{
    /// <summary>The container's id.</summary>
    [JsonPropertyName("id")]
    public string Id { get; set; } = "";

    /// <summary>The first process outside, in the name that programs read in runc's state.json.</summary>
    [JsonPropertyName("init_process_pid")]
    public int Pid { get; set; }

    /// <summary>The process's start in clock ticks after boot (proc(5), stat, field 22): tells it from a later one with the same pid.</summary>
    [JsonPropertyName("init_process_start")]
    public ulong StartTicks { get; set; }

    /// <summary>When it was created, RFC 3339.</summary>
    [JsonPropertyName("created")]
    public string Created { get; set; } = "";

    /// <summary>Absolute path of the bundle.</summary>
    [JsonPropertyName("bundle")]
    public string Bundle { get; set; } = "";

    /// <summary>Absolute path of the root file system.</summary>
    [JsonPropertyName("rootfs")]
    public string Rootfs { get; set; } = "";

    /// <summary>User that created it.</summary>
    [JsonPropertyName("owner")]
    public string Owner { get; set; } = "";

    /// <summary>Path of the cgroup below the mount points.</summary>
    [JsonPropertyName("cgroup_path")]
    public string CgroupPath { get; set; } = "";
}
