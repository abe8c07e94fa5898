using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Streams;

/// <summary>
/// A client that stays with a container from before its start until its end. Attach and wait are asked for before the start, so that no output and no exit is missed:
/// <code>
/// POST attach  →  101, the connection is the stream
/// POST wait    →  (answer comes at the end)
/// POST start   →  204
/// copy the outputs until the stream ends, then read the answer of wait
/// </code>
/// </summary>
internal sealed class ContainerSession : IDisposable
{
    private const int Failed = 125;
    private readonly CommandContext _context;
    private readonly string _id;
    private readonly SessionOptions _options;
    private readonly AttachedStreams _streams;
    private readonly PendingResponse _exit;
    private readonly byte[] _detachKeys;

    /// <summary>Attaches.</summary>
    /// <exception cref="DaemonException">The daemon refused.</exception>
    /// <exception cref="FormatException">The detach keys cannot be understood.</exception>
    public ContainerSession(CommandContext context, string id, SessionOptions options)
    {
        _context = context;
        _id = id;
        _options = options;
        _detachKeys = DetachKeys.Parse(options.DetachKeys.Length == 0 ? DetachKeys.Default : options.DetachKeys);
        string attach = new Query($"/containers/{id}/attach").AddUnlessEmpty("detachKeys", options.DetachKeys)
            .AddIf(options.Stderr, "stderr").AddIf(options.Stdin, "stdin").AddIf(options.Stdout, "stdout").Add("stream", "1").ToString();
        _streams = new AttachedStreams(context.Client.Hijack(attach, default), context.Out, context.Error, options.Tty);
        string condition = options.WaitForRemoval ? "removed" : "next-exit";
        _exit = context.Client.SendAhead(new HttpRequest("POST", new Query($"/containers/{id}/wait").Add("condition", condition).ToString()));
    }

    /// <summary>Starts the container.</summary>
    /// <exception cref="DaemonException">The daemon refused.</exception>
    public void Start() => _context.Client.Post($"/containers/{_id}/start");

    /// <summary>Stays with the container.</summary>
    /// <returns>The container's exit code, or 0 when the user detached.</returns>
    public int Run()
    {
        using SignalForwarder? signals = _options is { SignalProxy: true, Tty: false } ? new SignalForwarder(_context.Client, _id) : null;
        using TerminalWatcher? terminal = _options.Tty ? new TerminalWatcher(_context.Client, $"/containers/{_id}", _streams) : null;
        if (_options.Stdin)
        {
            _streams.StartInput(_detachKeys);
        }

        terminal?.Resize(redraw: _options.JoinsRunning);
        _streams.CopyOutput();
        if (!_streams.Detached)
        {
            return ReadExitCode();
        }

        return _options.JoinsRunning ? throw new CommandException(AttachedStreams.DetachMessage) : 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _streams.Dispose();
        _exit.Dispose();
    }

    private int ReadExitCode()
    {
        using DaemonResponse response = _exit.Receive();
        using JsonDocument document = response.ReadJson();
        JsonElement root = document.RootElement;
        if (root.TryGetProperty("Error", out JsonElement error) && error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("Message", out JsonElement message) && message.GetString() is { Length: > 0 } text)
        {
            _context.Error.WriteLine($"Error waiting for container: {text}");
            return Failed;
        }

        return root.GetProperty("StatusCode").GetInt32();
    }
}
