using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Streams;

namespace Tare.Cli.Commands;

/// <summary><c>tare logs</c>: prints what a container has written.</summary>
internal sealed class LogsCommand : Command
{
    private ValueFlag<bool> _details = null!;
    private ValueFlag<bool> _follow = null!;
    private ValueFlag<string> _since = null!;
    private ValueFlag<string> _tail = null!;
    private ValueFlag<bool> _timestamps = null!;
    private ValueFlag<string> _until = null!;

    public override string Usage => "[OPTIONS] CONTAINER";

    public override string Summary => "Fetch the logs of a container";

    public override IReadOnlyList<string> Spellings => ["container logs", "logs"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _details = flags.Switch("details", '\0', "Show the extra details given to the log driver");
        _follow = flags.Switch("follow", 'f', "Go on with what is written from now on");
        _since = flags.Text("since", '\0', "Show what was written since a time (\"2013-01-02T13:23:37Z\") or for a time (\"42m\")");
        _tail = flags.Text("tail", 'n', "Number of lines to show from the end", "all");
        _timestamps = flags.Switch("timestamps", 't', "Show the time of each line");
        _until = flags.Text("until", '\0', "Show what was written before a time (\"2013-01-02T13:23:37Z\") or until some time ago (\"42m\")");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string since = TimeArgument.Parse("since", _since.Value, context.Clock);
        string until = TimeArgument.Parse("until", _until.Value, context.Clock);
        bool tty;
        using (JsonDocument container = context.Client.Get($"/containers/{arguments[0]}/json"))
        {
            tty = container.RootElement.GetProperty("Config").GetProperty("Tty").GetBoolean();
        }

        string target = new Query($"/containers/{arguments[0]}/logs").AddIf(_details.Value, "details").AddIf(_follow.Value, "follow").AddUnlessEmpty("since", since)
            .Add("stderr", "1").Add("stdout", "1").Add("tail", _tail.Value).AddIf(_timestamps.Value, "timestamps").AddUnlessEmpty("until", until).ToString();
        using DaemonResponse response = context.Client.Send(new HttpRequest("GET", target));
        if (tty)
        {
            byte[] buffer = new byte[32 * 1024];
            while (response.Body.Read(buffer) is > 0 and int count)
            {
                context.Out.WriteThrough(buffer.AsSpan(0, count));
            }
        }
        else
        {
            FrameReader.Copy(response.Body.Read, (isError, bytes) => (isError ? context.Error : context.Out).WriteThrough(bytes));
        }

        return 0;
    }
}
