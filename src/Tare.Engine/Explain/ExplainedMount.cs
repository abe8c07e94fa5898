namespace Tare.Engine.Explain;

/// <summary>One mount that a container's process sees.</summary>
/// <param name="Target">Where, seen from inside.</param>
/// <param name="Type">File system type, or <c>bind</c> or <c>volume</c> for what the user mounted.</param>
/// <param name="Source">What is mounted.</param>
/// <param name="Options">The kernel's options.</param>
public sealed record ExplainedMount(string Target, string Type, string Source, string Options);
