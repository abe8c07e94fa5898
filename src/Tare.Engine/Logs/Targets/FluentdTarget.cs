using System.Globalization;
using System.Text;
using Tare.Engine.Errors;
using Tare.Engine.Validation;

namespace Tare.Engine.Logs.Targets;

/// <summary>The driver fluentd: the message mode of the forward protocol, version 1 (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1), with Docker's record.</summary>
internal sealed class FluentdTarget : ILogTarget
{
    private const int DefaultPort = 24224;

    /// <summary>Default of <c>fluentd-read-timeout</c> while an acknowledgement is waited for, so that a silent server does not stop the log for ever.</summary>
    private static readonly TimeSpan s_ackPatience = TimeSpan.FromSeconds(30);

    private readonly LogSubject _subject;
    private readonly TargetAddress _address;
    private readonly SortedDictionary<string, string> _attributes;
    private readonly string _tag;
    private readonly bool _isAsync;
    private readonly bool _isPrecise;
    private readonly bool _isAcknowledged;
    private TargetConnection? _connection;

    /// <summary>Makes a target of checked options.</summary>
    public FluentdTarget(LogSubject subject, LogOptionReader options)
    {
        _subject = subject;
        _address = AddressOf(options.Text("fluentd-address"));
        _attributes = LogAttributes.Of(subject);
        _tag = LogTag.Of(subject, "{{.ID}}");
        _isAsync = options.Boolean("fluentd-async", false) || options.Boolean("fluentd-async-connect", false);
        _isPrecise = options.Boolean("fluentd-sub-second-precision", false);
        _isAcknowledged = options.Boolean("fluentd-request-ack", false);
        RetryDelay = options.Duration("fluentd-retry-wait", TimeSpan.FromSeconds(1));
        MostRetries = options.Has("fluentd-max-retries") ? options.Number("fluentd-max-retries", 0) : null;
    }

    /// <inheritdoc/>
    public bool MustBeReachable => !_isAsync;

    /// <inheritdoc/>
    public TimeSpan RetryDelay { get; }

    /// <inheritdoc/>
    public ulong? MostRetries { get; }

    /// <summary>Checks options.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is wrong.</exception>
    public static void Check(LogOptionReader options)
    {
        try
        {
            AddressOf(options.Text("fluentd-address"));
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Class, $"invalid fluentd-address ({options.Text("fluentd-address")}): {e.Message}", e);
        }

        options.Boolean("fluentd-async", false);
        options.Boolean("fluentd-async-connect", false);
        options.Boolean("fluentd-sub-second-precision", false);
        options.Boolean("fluentd-request-ack", false);
        options.Size("fluentd-buffer-limit", 0);
        options.Duration("fluentd-retry-wait", TimeSpan.Zero);
        options.Duration("fluentd-read-timeout", TimeSpan.Zero);
        options.Duration("fluentd-write-timeout", TimeSpan.Zero);
        options.Number("fluentd-max-retries", 0);
        string interval = options.Text("fluentd-async-reconnect-interval");
        if (interval.Length > 0 && !GoDuration.TryParse(interval, out _))
        {
            EngineErrors.ThrowInvalid("invalid value for fluentd-async-reconnect-interval: " + GoDuration.Fault(interval));
        }
    }

    /// <inheritdoc/>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        _connection = await TargetConnection.OpenAsync(
            _address, _address.Protocol == "tls" ? ClientTls.Of(_address.Host, "", "", "", skipVerify: false) : null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task SendAsync(TargetEntry entry, CancellationToken cancellationToken)
    {
        string? chunk = _isAcknowledged ? Convert.ToBase64String(Guid.NewGuid().ToByteArray()) : null;
        await _connection!.SendAsync(Format(entry, chunk), cancellationToken);
        if (chunk is not null)
        {
            await AwaitAcknowledgementAsync(chunk, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>The bytes of a message.</summary>
    internal byte[] Format(TargetEntry entry, string? chunk)
    {
        MessagePack message = new();
        message.Array(4);
        message.Text(_tag);
        if (_isPrecise)
        {
            message.EventTime(entry.Time);
        }
        else
        {
            message.Seconds(entry.Time);
        }

        message.Map(4 + _attributes.Count + (entry.Part is null ? 0 : 4));
        Pair(message, "container_id", _subject.Id);
        Pair(message, "container_name", "/" + _subject.Name);
        Pair(message, "source", entry.IsError ? "stderr" : "stdout");
        message.Text("log");
        message.Text(entry.Text.Span);
        foreach ((string name, string value) in _attributes)
        {
            Pair(message, name, value);
        }

        if (entry.Part is { } part)
        {
            Pair(message, "partial_message", "true");
            Pair(message, "partial_id", part.Id);
            Pair(message, "partial_ordinal", part.Ordinal.ToString(CultureInfo.InvariantCulture));
            Pair(message, "partial_last", part.IsLast ? "true" : "false");
        }

        message.Map(chunk is null ? 0 : 1);
        if (chunk is not null)
        {
            Pair(message, "chunk", chunk);
        }

        return message.ToArray();
    }

    private static void Pair(MessagePack message, string name, string value)
    {
        message.Text(name);
        message.Text(value);
    }

    /// <summary>The answer is a map of one pair, <c>ack</c> and the chunk's name; its bytes are looked for as they are.</summary>
    private async Task AwaitAcknowledgementAsync(string chunk, CancellationToken cancellationToken)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(chunk);
        byte[] buffer = new byte[256];
        int length = 0;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_ackPatience);
        try
        {
            while (buffer.AsSpan(0, length).IndexOf(wanted) < 0)
            {
                int count = length < buffer.Length ? await _connection!.Stream!.ReadAsync(buffer.AsMemory(length), limit.Token) : 0;
                length = count > 0 ? length + count : throw new IOException("fluentd did not acknowledge a message");
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("fluentd did not acknowledge a message in time", e);
        }
    }

    private static TargetAddress AddressOf(string text)
    {
        (string scheme, string location) = TargetAddress.Split(text);
        return scheme switch
        {
            "" or "tcp" => TargetAddress.Network("tcp", location, DefaultPort),
            "tls" => TargetAddress.Network("tls", location, DefaultPort),
            "unix" => new TargetAddress("unix", location, 0),
            _ => throw new EngineException(ErrorClass.InvalidArgument, $"unsupported scheme: '{scheme}'"),
        };
    }
}
