using System.Buffers;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Streams;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare exec</c>: runs a command in a running container.</summary>
internal sealed class ExecCommand : Command
{
    private ValueFlag<bool> _detach = null!;
    private ValueFlag<string> _detachKeys = null!;
    private ListFlag<string> _environment = null!;
    private ListFlag<string> _environmentFiles = null!;
    private ValueFlag<bool> _interactive = null!;
    private ValueFlag<bool> _privileged = null!;
    private ValueFlag<bool> _tty = null!;
    private ValueFlag<string> _user = null!;
    private ValueFlag<string> _workingDirectory = null!;

    public override string Usage => "[OPTIONS] CONTAINER COMMAND [ARG...]";

    public override string Summary => "Execute a command in a running container";

    public override IReadOnlyList<string> Spellings => ["container exec", "exec"];

    public override int MinimumArguments => 2;

    public override bool Interspersed => false;

    public override void Define(FlagSet flags)
    {
        _detach = flags.Switch("detach", 'd', "Run the command in the background");
        _detachKeys = flags.Text("detach-keys", '\0', "Keys that leave the command");
        _environment = flags.List("env", 'e', "Set environment variables", FlagValues.EnvironmentVariable);
        _environmentFiles = flags.List("env-file", '\0', "Read environment variables from a file");
        _interactive = flags.Switch("interactive", 'i', "Send standard input to the command");
        _privileged = flags.Switch("privileged", '\0', "Give the command all capabilities");
        _tty = flags.Switch("tty", 't', "Give the command a terminal");
        _user = flags.Text("user", 'u', "User name or UID (format: <name|uid>[:<group|gid>])");
        _workingDirectory = flags.Text("workdir", 'w', "Working directory inside the container");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_interactive.Value && _tty.Value && !_detach.Value && !Terminal.IsTerminal(0))
        {
            throw new CommandException("the input device is not a TTY");
        }

        string detachKeys = DetachKeySetting.Resolve(_detachKeys);
        byte[] detachBytes = DetachKeys.Parse(detachKeys.Length == 0 ? DetachKeys.Default : detachKeys);
        string execId;
        using (JsonDocument created = context.Client.PostJson($"/containers/{arguments[0]}/exec", ExecDocument(arguments, detachKeys)))
        {
            execId = created.RootElement.GetProperty("Id").GetString() ?? string.Empty;
        }

        if (_detach.Value)
        {
            using DaemonResponse started = context.Client.Send(new HttpRequest("POST", $"/exec/{execId}/start")
            {
                Body = StartDocument(),
                Headers = [("Content-Type", "application/json")],
            });
            _ = started.Body.ReadAll();
            return 0;
        }

        return RunAttached(context, execId, detachBytes);
    }

    private int RunAttached(CommandContext context, string execId, byte[] detachKeys)
    {
        using AttachedStreams streams = new(context.Client.Hijack($"/exec/{execId}/start", StartDocument()), context.Out, context.Error, _tty.Value);
        using TerminalWatcher? terminal = _tty.Value ? new TerminalWatcher(context.Client, $"/exec/{execId}", streams) : null;
        if (_interactive.Value)
        {
            streams.StartInput(detachKeys);
        }

        terminal?.Resize();
        streams.CopyOutput();
        if (streams.Detached)
        {
            throw new CommandException(AttachedStreams.DetachMessage);
        }

        using JsonDocument exec = context.Client.Get($"/exec/{execId}/json");
        return exec.RootElement.GetProperty("ExitCode") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : 0;
    }

    private ReadOnlyMemory<byte> ExecDocument(IReadOnlyList<string> arguments, string detachKeys)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        JsonFields.TextUnlessEmpty(json, "User", _user.Value);
        json.WriteBoolean("Privileged", _privileged.Value);
        json.WriteBoolean("Tty", _tty.Value);
        json.WriteBoolean("AttachStdin", _interactive.Value && !_detach.Value);
        json.WriteBoolean("AttachStderr", !_detach.Value);
        json.WriteBoolean("AttachStdout", !_detach.Value);
        JsonFields.TextUnlessEmpty(json, "DetachKeys", detachKeys);
        IEnumerable<string> fromFiles = _environmentFiles.Values.SelectMany(static file => VariableFile.Read(file, Environment.GetEnvironmentVariable));
        JsonFields.TextsUnlessEmpty(json, "Env", [.. fromFiles, .. _environment.Values.Select(WithValue)]);
        JsonFields.TextUnlessEmpty(json, "WorkingDir", _workingDirectory.Value);
        JsonFields.Texts(json, "Cmd", arguments.Skip(1));
        WriteConsoleSize(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private ReadOnlyMemory<byte> StartDocument()
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteBoolean("Detach", _detach.Value);
        json.WriteBoolean("Tty", _tty.Value);
        WriteConsoleSize(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private void WriteConsoleSize(Utf8JsonWriter json)
    {
        WindowSize size = _tty.Value ? TerminalWatcher.Size : default;
        if (size != default)
        {
            json.WriteStartArray("ConsoleSize");
            json.WriteNumberValue(size.Rows);
            json.WriteNumberValue(size.Columns);
            json.WriteEndArray();
        }
    }

    private static string WithValue(string variable) =>
        !variable.Contains('=', StringComparison.Ordinal) && Environment.GetEnvironmentVariable(variable) is { } value ? $"{variable}={value}" : variable;
}
