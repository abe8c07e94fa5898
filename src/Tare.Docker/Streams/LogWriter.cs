using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Tare.Docker.Routing;
using Tare.Engine.Logs;

namespace Tare.Docker.Streams;

/// <summary>Writes log entries as <c>docker logs</c> reads them.</summary>
/// <param name="output">Receives them.</param>
/// <param name="isMultiplexed">Whether they come in frames (no terminal).</param>
/// <param name="hasTimestamps">Whether each begins with its time.</param>
/// <param name="hasDetails">Whether each begins with its attributes: Tare's entries have none, which leaves the blank after them.</param>
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
            ? Encoding.ASCII.GetBytes((hasTimestamps ? GoTime.FormatFixed(entry.Time) + " " : "") + (hasDetails ? " " : ""))
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
}
