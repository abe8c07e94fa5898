namespace Tare.Engine.Logs;

/// <summary>One entry of a log: a line, or a piece of a line longer than 16 KiB.</summary>
/// <param name="IsError">Whether it is error output.</param>
/// <param name="Time">When it was written, to 100 ns.</param>
/// <param name="Text">The bytes, with the line's end if it has one.</param>
public readonly record struct LogEntry(bool IsError, DateTimeOffset Time, ReadOnlyMemory<byte> Text);
