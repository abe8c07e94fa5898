using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Logs;

namespace Tare.Docker.Streams;

/// <summary>Writes log entries as <c>docker logs</c> reads them.</summary>
/// <param name="output">Receives them.</param>
/// <param name="isMultiplexed">Whether they come in frames (no terminal).</param>
/// <param name="hasTimestamps">Whether each begins with its time.</param>
/// <param name="hasDetails">Whether each begins with its attributes and a blank.</param>
internal sealed class LogWriter(PipeWriter output, bool isMultiplexed, bool hasTimestamps, bool hasDetails)
{
    /// <summary>Writes entries as they come, and sends what there is whenever the next one has to be waited for.</summary>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <param name="entries">The entries.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(IAsyncEnumerable<LogEntry> entries, CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<LogEntry> enumerator = entries.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            ValueTask<bool> next = enumerator.MoveNextAsync();
            if ((!next.IsCompleted || output.UnflushedBytes > 64 * 1024) && (await output.FlushAsync(cancellationToken)).IsCompleted)
            {
                throw new OperationCanceledException("the client has gone");
            }

            if (!await next)
            {
                break;
            }

            Write(enumerator.Current);
        }

        await output.FlushAsync(cancellationToken);
    }

    private void Write(LogEntry entry)
    {
        byte[] prefix = hasTimestamps || hasDetails
            ? Encoding.UTF8.GetBytes((hasTimestamps ? GoTime.FormatFixed(entry.Time) + " " : "") + (hasDetails ? Details(entry.Attributes.Span) + " " : ""))
            : [];
        if (isMultiplexed)
        {
            FrameWriter.Write(output, entry.IsError, prefix, entry.Text.Span);
        }
        else
        {
            output.Write(prefix);
            output.Write(entry.Text.Span);
        }
    }

    /// <summary>Attributes as <c>name=value,name=value</c>, encoded as in a query.</summary>
    private static string Details(ReadOnlySpan<byte> attributes)
    {
        if (attributes.IsEmpty)
        {
            return "";
        }

        Dictionary<string, string> values = JsonSerializer.Deserialize(attributes, EngineJson.Default.DictionaryStringString) ?? [];
        return string.Join(',', values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => WebUtility.UrlEncode(v.Key) + "=" + WebUtility.UrlEncode(v.Value)));
    }
}
