namespace Tare.Engine.Containers;

/// <summary>The end of a wait.</summary>
/// <param name="StatusCode">Exit code of the container.</param>
/// <param name="Error">Why it could not be removed; null when nothing is wrong.</param>
public sealed record WaitResult(int StatusCode, string? Error);
