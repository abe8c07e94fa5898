namespace Tare.Engine.Containers;

/// <summary>Processes of a container.</summary>
/// <param name="Titles">Names of the columns.</param>
/// <param name="Processes">One row per process, one cell per title.</param>
public sealed record TopResult(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Processes);
