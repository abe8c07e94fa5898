namespace Tare.Engine.Explain;

/// <summary>One limit of a control group.</summary>
/// <param name="Name">What is limited.</param>
/// <param name="File">The kernel's file that holds it.</param>
/// <param name="Value">The file's content.</param>
/// <param name="Meaning">The value in words.</param>
public sealed record ExplainedLimit(string Name, string File, string Value, string Meaning);
