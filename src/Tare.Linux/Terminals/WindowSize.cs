namespace Tare.Linux.Terminals;

/// <summary>The size of a terminal in characters; 0 by 0 where it is not known.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Columns">Characters of a line.</param>
public readonly record struct WindowSize(ushort Rows, ushort Columns);
