using Tare.Engine.Containers;
using Tare.Engine.Logs.Targets;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Engine.Logs;

/// <summary>
/// Sends a container's entries to its driver's target. They are read from what the shim keeps on the disk, from the place where the last sending ended: neither a daemon
/// that is down nor a target that cannot be reached loses any as long as they fit there, and neither stops the container. An entry may be sent twice after a crash.
/// </summary>
/// <param name="container">The container's id, for messages.</param>
/// <param name="target">Where to; owned from here on.</param>
/// <param name="files">Where from.</param>
/// <param name="cursorPath">File that keeps the place.</param>
/// <param name="time">The clock.</param>
/// <param name="warn">Takes what goes wrong, once for each row of failures.</param>
internal sealed class LogForwarder(string container, ILogTarget target, LogFiles files, string cursorPath, TimeProvider time, Action<string, Exception> warn)
{
    private static readonly TimeSpan s_saveInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    private readonly LinePart?[] _open = new LinePart?[2];
    private bool _isConnected;

    /// <summary>Takes the connection that a start has tried already.</summary>
    public void Connected() => _isConnected = true;

    /// <summary>Sends until the container has ended and all is sent.</summary>
    /// <param name="ended">Ends when the container has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(Task ended, CancellationToken cancellationToken)
    {
        LogReader reader = new(files, time);
        LogOptions options = new() { Follow = true, From = LogCursor.TryLoad(cursorPath) };
        long saved = time.GetTimestamp();
        try
        {
            await foreach (LogEntry entry in reader.ReadAsync(options, ended, cancellationToken))
            {
                await SendAsync(Translate(entry), cancellationToken);
                if (time.GetElapsedTime(saved) > s_saveInterval)
                {
                    Save(reader);
                    saved = time.GetTimestamp();
                }
            }
        }
        finally
        {
            Save(reader);
            target.Dispose();
        }
    }

    /// <summary>Takes the line feed off, and counts the parts of long lines.</summary>
    private TargetEntry Translate(LogEntry entry)
    {
        ReadOnlyMemory<byte> text = entry.Text;
        bool isWhole = text.Length > 0 && text.Span[^1] == (byte)'\n';
        text = isWhole ? text[..^1] : text;
        int stream = entry.IsError ? 1 : 0;
        bool isCut = !isWhole && text.Length == CompactLog.LongestText;
        LinePart? part = (_open[stream], isCut) switch
        {
            (null, false) => null,
            (null, true) => new LinePart(ContainerNames.NewId(), 1, IsLast: false),
            ({ } before, _) => new LinePart(before.Id, before.Ordinal + 1, IsLast: !isCut),
        };
        _open[stream] = isCut ? part : null;
        return new TargetEntry(entry.IsError, entry.Time, text, part);
    }

    private async Task SendAsync(TargetEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Text.IsEmpty)
        {
            // As Docker's drivers: an empty line is no message.
            return;
        }

        TimeSpan delay = target.RetryDelay;
        for (ulong attempt = 0; ; attempt++)
        {
            try
            {
                if (!_isConnected)
                {
                    await target.ConnectAsync(cancellationToken);
                    _isConnected = true;
                }

                await target.SendAsync(entry, cancellationToken);
                return;
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                _isConnected = false;
                if (attempt == 0)
                {
                    warn(container, e);
                }

                if (e is InvalidDataException || attempt >= target.MostRetries)
                {
                    return;
                }
            }

            await Task.Delay(delay, time, cancellationToken);
            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
        }
    }

    private void Save(LogReader reader)
    {
        try
        {
            reader.Cursor?.Save(cursorPath);
        }
        catch (IOException e)
        {
            warn(container, e);
        }
    }
}
