namespace Tare.Engine.Containers;

/// <summary>The answer to a create request.</summary>
/// <param name="Id">Id of the container.</param>
/// <param name="Warnings">What was ignored or changed, for the user; empty when nothing was.</param>
public sealed record CreatedContainer(string Id, IReadOnlyList<string> Warnings);
