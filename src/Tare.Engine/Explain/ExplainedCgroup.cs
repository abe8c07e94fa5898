namespace Tare.Engine.Explain;

/// <summary>One control group of a container's process.</summary>
/// <param name="Controller">The controllers of a v1 hierarchy, or <c>unified</c> for v2.</param>
/// <param name="Path">Its folder on the host.</param>
/// <param name="Limits">The limits in force.</param>
public sealed record ExplainedCgroup(string Controller, string Path, IReadOnlyList<ExplainedLimit> Limits);
