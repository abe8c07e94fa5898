using Tare.Cli.CommandLine;
using Tare.Cli.Completion;

namespace Tare.Cli.Commands;

/// <summary><c>tare completion</c>: prints the completion script of a shell.</summary>
internal sealed class CompletionCommand : Command
{
    public override string Usage => "bash|zsh|fish";

    public override string Summary => "Print the completion script of a shell";

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        context.Out.Write(arguments[0] switch
        {
            "bash" => BashCompletion.Script(),
            "zsh" => ZshCompletion.Script(),
            "fish" => FishCompletion.Script(),
            _ => throw new CommandException($"completion for \"{arguments[0]}\" is not known. hint: bash, zsh or fish"),
        });
        return 0;
    }
}
