using Microsoft.Extensions.Logging;

namespace Tare.Daemon.Logging;

/// <summary>Writes log lines in the forms that dockerd's have: <c>time=… level=info msg="…" name=value</c>, or an object of JSON with the same names.</summary>
/// <param name="output">Receives them; the provider owns it.</param>
/// <param name="time">The clock.</param>
/// <param name="isJson">Whether lines are objects of JSON.</param>
internal sealed class LogfmtProvider(Stream output, TimeProvider time, bool isJson = false) : ILoggerProvider
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => isJson ? new JsonLogger(this, categoryName) : new LogfmtLogger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose() => output.Dispose();

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Writes a line in one piece.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        try
        {
            lock (_lock)
            {
                output.Write(line);
            }
        }
        catch (IOException)
        {
            // Whoever read the log has gone, and there is no other place to say so: the daemon's work does not depend on it.
        }
    }
}
