using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Streams;

namespace Tare.Cli.Commands;

/// <summary><c>tare start</c>: starts containers that were created or have ended.</summary>
internal sealed class StartCommand : Command
{
    private ValueFlag<bool> _attach = null!;
    private ValueFlag<bool> _interactive = null!;
    private ValueFlag<string> _detachKeys = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override string Summary => "Start one or more stopped containers";

    public override IReadOnlyList<string> Spellings => ["container start", "start"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _attach = flags.Switch("attach", 'a', "Stay with the container: show its outputs, pass signals on");
        _interactive = flags.Switch("interactive", 'i', "Send standard input to the container");
        _detachKeys = flags.Text("detach-keys", '\0', "Keys that leave the container");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_attach.Value || _interactive.Value)
        {
            return arguments.Count > 1
                ? throw new CommandException("you cannot start and attach multiple containers at once")
                : StartAttached(context, arguments[0]);
        }

        List<string> failed = [];
        foreach (string name in arguments)
        {
            try
            {
                context.Client.Post($"/containers/{name}/start");
                context.Out.WriteLine(name);
                context.Out.Flush();
            }
            catch (DaemonException failure)
            {
                context.Error.WriteLine(failure.Message);
                failed.Add(name);
            }
        }

        return failed.Count == 0 ? 0 : throw new CommandException($"Error: failed to start containers: {string.Join(", ", failed)}");
    }

    private int StartAttached(CommandContext context, string name)
    {
        using JsonDocument container = context.Client.Get($"/containers/{name}/json");
        JsonElement config = container.RootElement.GetProperty("Config");
        bool autoRemove = container.RootElement.TryGetProperty("HostConfig", out JsonElement host)
            && host.TryGetProperty("AutoRemove", out JsonElement remove) && remove.GetBoolean();
        string id = container.RootElement.GetProperty("Id").GetString() ?? name;
        using ContainerSession session = new(context, id, new SessionOptions
        {
            Stdin = _interactive.Value && config.GetProperty("OpenStdin").GetBoolean(),
            Stdout = true,
            Stderr = true,
            Tty = config.GetProperty("Tty").GetBoolean(),
            DetachKeys = DetachKeySetting.Resolve(_detachKeys),
            SignalProxy = true,
            WaitForRemoval = autoRemove,
        });
        session.Start();
        return session.Run();
    }
}
