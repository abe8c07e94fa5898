using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Tare.Daemon.Logging;

/// <summary>Formats the messages of one category.</summary>
/// <param name="provider">Writes the lines.</param>
/// <param name="category">Where the messages come from.</param>
internal sealed class LogfmtLogger(LogfmtProvider provider, string category) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        StringBuilder line = new();
        line.Append("time=").Append(provider.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        line.Append(" level=").Append(Word(logLevel)).Append(" msg=");
        AppendValue(line, formatter(state, exception));
        line.Append(" source=");
        AppendValue(line, category);
        if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            foreach ((string name, object? value) in fields)
            {
                if (name != "{OriginalFormat}")
                {
                    line.Append(' ').Append(char.ToLowerInvariant(name[0])).Append(name.AsSpan(1)).Append('=');
                    AppendValue(line, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                }
            }
        }

        if (exception is not null)
        {
            line.Append(" error=");
            AppendValue(line, exception.ToString());
        }

        provider.Write(Encoding.UTF8.GetBytes(line.Append('\n').ToString()));
    }

    /// <summary>The level in dockerd's words.</summary>
    public static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => "info",
    };

    /// <summary>Appends a value, in quotes when it holds more than letters, digits and the marks of paths and addresses.</summary>
    private static void AppendValue(StringBuilder line, string value)
    {
        if (value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or ':' or '@' or '^' or '+'))
        {
            line.Append(value);
            return;
        }

        line.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => line.Append("\\\""),
                '\\' => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                < ' ' => line.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => line.Append(c),
            };
        }

        line.Append('"');
    }
}
