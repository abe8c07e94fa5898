using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A process of a container: its first one, or one that is executed in it (config.md, Process).</summary>
public sealed class ProcessSpec
{
    /// <summary>Whether the process gets a pseudo-terminal.</summary>
    [JsonPropertyName("terminal")]
    public bool Terminal { get; set; }

    /// <summary>Size of the terminal; without terminal it is ignored.</summary>
    [JsonPropertyName("consoleSize")]
    public ConsoleSize? ConsoleSize { get; set; }

    /// <summary>Ids of the process.</summary>
    [JsonPropertyName("user")]
    public User User { get; set; } = new();

    /// <summary>The argument vector; the first one is looked up in PATH.</summary>
    [JsonPropertyName("args")]
    public List<string>? Args { get; set; }

    /// <summary>The environment as NAME=value.</summary>
    [JsonPropertyName("env")]
    public List<string>? Env { get; set; }

    /// <summary>Working directory, absolute.</summary>
    [JsonPropertyName("cwd")]
    public string Cwd { get; set; } = "/";

    /// <summary>Capability sets; null leaves none.</summary>
    [JsonPropertyName("capabilities")]
    public CapabilitySets? Capabilities { get; set; }

    /// <summary>Resource limits.</summary>
    [JsonPropertyName("rlimits")]
    public List<Rlimit>? Rlimits { get; set; }

    /// <summary>Sets no_new_privs (prctl(2)).</summary>
    [JsonPropertyName("noNewPrivileges")]
    public bool NoNewPrivileges { get; set; }

    /// <summary>AppArmor profile of the process.</summary>
    [JsonPropertyName("apparmorProfile")]
    public string? ApparmorProfile { get; set; }

    /// <summary>SELinux label of the process.</summary>
    [JsonPropertyName("selinuxLabel")]
    public string? SelinuxLabel { get; set; }

    /// <summary>Value of /proc/self/oom_score_adj, -1000 to 1000; null leaves it.</summary>
    [JsonPropertyName("oomScoreAdj")]
    public int? OomScoreAdj { get; set; }

    /// <summary>Scheduling policy (sched_setattr(2)).</summary>
    [JsonPropertyName("scheduler")]
    public Scheduler? Scheduler { get; set; }

    /// <summary>I/O priority (ioprio_set(2)).</summary>
    [JsonPropertyName("ioPriority")]
    public IoPriority? IoPriority { get; set; }

    /// <summary>CPU affinity of executed processes.</summary>
    [JsonPropertyName("execCPUAffinity")]
    public ExecCpuAffinity? ExecCpuAffinity { get; set; }
}
