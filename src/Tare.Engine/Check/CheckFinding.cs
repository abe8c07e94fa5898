namespace Tare.Engine.Check;

/// <summary>Something that is damaged, or that belongs to nothing.</summary>
/// <param name="Kind">What it is: <c>blob</c>, <c>layer</c>, <c>image</c>, <c>name</c>, <c>container</c>, <c>database</c> or <c>leftover</c>.</param>
/// <param name="Object">Which: a digest, an image's name, a container's id.</param>
/// <param name="Path">The file or folder; empty for a record.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Remedy">What the user can do.</param>
/// <param name="Repaired">What the repair did; null when nothing was repaired.</param>
public sealed record CheckFinding(string Kind, string Object, string Path, string Problem, string Remedy, string? Repaired = null);
