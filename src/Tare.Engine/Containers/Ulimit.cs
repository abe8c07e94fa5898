namespace Tare.Engine.Containers;

/// <summary>A resource limit of the process (setrlimit(2)).</summary>
public sealed class Ulimit
{
    /// <summary>The limit's name without prefix, such as <c>nofile</c>.</summary>
    public string Name { get; set => field = value ?? ""; } = "";

    /// <summary>Hard limit; -1 means none.</summary>
    public long Hard { get; set; }

    /// <summary>Soft limit; -1 means none.</summary>
    public long Soft { get; set; }
}
