namespace Tare.Cli.Commands;

/// <summary><c>tare restart</c>: stops containers and starts them again.</summary>
internal sealed class RestartCommand() : StoppingCommand("restart")
{
    public override string Summary => "Restart one or more containers";

    public override IReadOnlyList<string> Spellings => ["container restart", "restart"];
}
