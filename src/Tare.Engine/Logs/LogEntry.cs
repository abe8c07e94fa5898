namespace Tare.Engine.Logs;

/// <summary>One entry of a log: a line, or a piece of a line longer than 16 KiB. The bytes are valid until the next entry is read.</summary>
/// <param name="IsError">Whether it is error output.</param>
/// <param name="Time">When it was written, to 100 ns.</param>
/// <param name="Text">The bytes, with the line's end if it has one.</param>
/// <param name="Attributes">The labels and variables it carries, as an object of JSON; empty for none.</param>
public readonly record struct LogEntry(bool IsError, DateTimeOffset Time, ReadOnlyMemory<byte> Text, ReadOnlyMemory<byte> Attributes = default);
