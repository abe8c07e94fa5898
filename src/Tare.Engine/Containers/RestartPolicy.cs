namespace Tare.Engine.Containers;

/// <summary>What happens after a container's exit.</summary>
public sealed class RestartPolicy
{
    /// <summary><c>no</c>, <c>always</c>, <c>unless-stopped</c> or <c>on-failure</c>; empty means no.</summary>
    public string Name { get; set => field = value ?? ""; } = "";

    /// <summary>Most restarts of <c>on-failure</c>; 0 means no limit.</summary>
    public int MaximumRetryCount { get; set; }
}
