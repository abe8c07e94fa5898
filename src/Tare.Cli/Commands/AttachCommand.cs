using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Streams;

namespace Tare.Cli.Commands;

/// <summary><c>tare attach</c>: joins the streams of a running container.</summary>
internal sealed class AttachCommand : Command
{
    private ValueFlag<string> _detachKeys = null!;
    private ValueFlag<bool> _noStdin = null!;
    private ValueFlag<bool> _signalProxy = null!;

    public override string Usage => "[OPTIONS] CONTAINER";

    public override string Summary => "Attach local standard input, output, and error streams to a running container";

    public override IReadOnlyList<string> Spellings => ["container attach", "attach"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _detachKeys = flags.Text("detach-keys", '\0', "Keys that leave the container");
        _noStdin = flags.Switch("no-stdin", '\0', "Do not send standard input");
        _signalProxy = flags.Switch("sig-proxy", '\0', "Pass received signals on to the process", initial: true);
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument container = context.Client.Get($"/containers/{arguments[0]}/json");
        JsonElement state = container.RootElement.GetProperty("State");
        JsonElement config = container.RootElement.GetProperty("Config");
        Refuse(!state.GetProperty("Running").GetBoolean(), "You cannot attach to a stopped container, start it first");
        Refuse(state.GetProperty("Paused").GetBoolean(), "You cannot attach to a paused container, unpause it first");
        Refuse(state.GetProperty("Restarting").GetBoolean(), "You cannot attach to a restarting container, wait until it is running");
        using ContainerSession session = new(context, container.RootElement.GetProperty("Id").GetString() ?? arguments[0], new SessionOptions
        {
            Stdin = !_noStdin.Value && config.GetProperty("OpenStdin").GetBoolean(),
            Stdout = true,
            Stderr = true,
            Tty = config.GetProperty("Tty").GetBoolean(),
            DetachKeys = DetachKeySetting.Resolve(_detachKeys),
            SignalProxy = _signalProxy.Value,
            JoinsRunning = true,
        });
        return session.Run();
    }

    private static void Refuse(bool condition, string message)
    {
        if (condition)
        {
            throw new CommandException(message);
        }
    }
}
