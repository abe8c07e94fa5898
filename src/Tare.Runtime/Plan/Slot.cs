namespace Tare.Runtime.Plan;

/// <summary>A place for what a step returns: a descriptor, another result, or a negative errno.</summary>
/// <param name="Number">Its index in the plan's slots.</param>
/// <param name="Name">What it holds, for the printed plan: <c>root</c>.</param>
internal sealed record Slot(int Number, string Name);
