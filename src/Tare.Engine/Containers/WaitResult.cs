namespace Tare.Engine.Containers;

/// <summary>The end of a wait.</summary>
/// <param name="StatusCode">Exit code of the container.</param>
/// <param name="Error">Why its start failed or its end is not known; null when nothing is wrong.</param>
public sealed record WaitResult(int StatusCode, string? Error);
