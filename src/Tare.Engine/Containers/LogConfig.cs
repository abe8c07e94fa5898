namespace Tare.Engine.Containers;

/// <summary>Log driver of a container.</summary>
public sealed class LogConfig
{
    /// <summary><c>json-file</c>, <c>local</c> or <c>none</c>; empty means json-file.</summary>
    public string Type { get; set => field = value ?? ""; } = "";

    /// <summary>Options of the driver: <c>max-size</c>, <c>max-file</c>.</summary>
    public Dictionary<string, string>? Config { get; set; }
}
