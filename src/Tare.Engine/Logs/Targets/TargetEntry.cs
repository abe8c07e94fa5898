namespace Tare.Engine.Logs.Targets;

/// <summary>An entry on its way to a target.</summary>
/// <param name="IsError">Whether it is error output.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Text">The line without its line feed. Valid during the call.</param>
/// <param name="Part">Which part of a long line it is; null for a whole line.</param>
internal readonly record struct TargetEntry(bool IsError, DateTimeOffset Time, ReadOnlyMemory<byte> Text, LinePart? Part);

/// <summary>A part of a line that is longer than 16 KiB.</summary>
/// <param name="Id">What the parts of the line have in common.</param>
/// <param name="Ordinal">1 for the first.</param>
/// <param name="IsLast">Whether the line ends with it.</param>
internal sealed record LinePart(string Id, int Ordinal, bool IsLast);
