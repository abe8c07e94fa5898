namespace Tare.Runtime.Shim.Logs;

/// <summary>Encodes log entries in one of the formats.</summary>
internal interface ILogEncoder
{
    /// <summary>What was encoded since <see cref="Clear"/>.</summary>
    ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Forgets what was encoded.</summary>
    void Clear();

    /// <summary>Adds one entry.</summary>
    /// <param name="text">The line without its line feed.</param>
    /// <param name="isWhole">Whether a line feed ends it; false for a part of a long line.</param>
    /// <param name="isError">Standard error, else standard output.</param>
    /// <param name="time">When it was read.</param>
    void Add(ReadOnlySpan<byte> text, bool isWhole, bool isError, DateTimeOffset time);
}
