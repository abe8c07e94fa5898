using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Tare.Daemon.Logging;

/// <summary>Formats the messages of one category as objects of JSON, one a line: dockerd's <c>--log-format json</c>.</summary>
/// <param name="provider">Writes the lines.</param>
/// <param name="category">Where the messages come from.</param>
internal sealed class JsonLogger(LogfmtProvider provider, string category) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter json = new(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("level", LogfmtLogger.Word(logLevel));
            json.WriteString("msg", formatter(state, exception));
            json.WriteString("source", category);
            if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
            {
                foreach ((string name, object? value) in fields)
                {
                    if (name != "{OriginalFormat}")
                    {
                        json.WriteString(char.ToLowerInvariant(name[0]) + name[1..], Convert.ToString(value, CultureInfo.InvariantCulture));
                    }
                }
            }

            if (exception is not null)
            {
                json.WriteString("error", exception.ToString());
            }

            json.WriteString("time", provider.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        provider.Write((byte[])[.. line.WrittenSpan, (byte)'\n']);
    }
}
