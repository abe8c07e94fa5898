namespace Tare.Cli.Commands;

/// <summary><c>tare stop</c>: asks containers to end, and kills those that do not.</summary>
internal sealed class StopCommand() : StoppingCommand("stop")
{
    public override string Summary => "Stop one or more running containers";

    public override IReadOnlyList<string> Spellings => ["container stop", "stop"];
}
