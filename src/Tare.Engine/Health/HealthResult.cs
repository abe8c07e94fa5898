namespace Tare.Engine.Health;

/// <summary>The outcome of one health check.</summary>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
/// <param name="ExitCode">0 means healthy; -1 that the command could not be run or took too long.</param>
/// <param name="Output">The beginning of what the command wrote, at most 4096 bytes.</param>
public sealed record HealthResult(DateTimeOffset Start, DateTimeOffset End, int ExitCode, string Output);
