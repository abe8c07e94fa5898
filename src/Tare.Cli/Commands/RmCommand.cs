using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare rm</c>: removes containers.</summary>
internal sealed class RmCommand : Command
{
    private ValueFlag<bool> _force = null!;
    private ValueFlag<bool> _link = null!;
    private ValueFlag<bool> _volumes = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override string Summary => "Remove one or more containers";

    public override IReadOnlyList<string> Spellings => ["container rm", "container remove", "rm"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _force = flags.Switch("force", 'f', "Remove even a running container (it is killed)");
        _link = flags.Switch("link", 'l', "Remove the link of this name");
        _volumes = flags.Switch("volumes", 'v', "Remove the anonymous volumes of the container too");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Dictionary<string, string> absent = [];
        int exitCode = context.ForEach(arguments, (client, name) => Remove(client, name, absent), name => !absent.ContainsKey(name));
        foreach (string message in absent.Values)
        {
            context.Error.WriteLine(message);
        }

        return exitCode;
    }

    private void Remove(DaemonClient client, string name, Dictionary<string, string> absent)
    {
        try
        {
            client.Delete(new Query($"/containers/{name.TrimStart('/')}").AddIf(_force.Value, "force").AddIf(_link.Value, "link").AddIf(_volumes.Value, "v").ToString());
        }
        catch (DaemonException failure) when (failure.Status == 404 && _force.Value)
        {
            // To remove by force what is not there is no failure: it is said, and the exit code stays 0.
            lock (absent)
            {
                absent[name] = failure.Message;
            }
        }
    }
}
