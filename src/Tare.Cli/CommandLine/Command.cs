namespace Tare.Cli.CommandLine;

/// <summary>
/// One command of the program. The life of a command: it is made only when it was asked for, defines its options, is given the arguments, runs once.
/// </summary>
internal abstract class Command
{
    /// <summary>What follows the name in the usage line, such as <c>[OPTIONS] CONTAINER [CONTAINER...]</c>.</summary>
    public abstract string Usage { get; }

    /// <summary>One sentence for help texts.</summary>
    public abstract string Summary { get; }

    /// <summary>All spellings, such as <c>container ls, ps</c>; empty when there is one only.</summary>
    public virtual IReadOnlyList<string> Spellings => [];

    /// <summary>The least number of arguments.</summary>
    public virtual int MinimumArguments => 0;

    /// <summary>The greatest number of arguments.</summary>
    public virtual int MaximumArguments => int.MaxValue;

    /// <summary>Whether options may follow arguments. False where the arguments hold a command line of their own.</summary>
    public virtual bool Interspersed => true;

    /// <summary>Whether failures are reported with the program's name before and a pointer to the help text after, exit code 125 (run and create).</summary>
    public virtual bool PointsToHelp => false;

    /// <summary>Defines the options.</summary>
    public abstract void Define(FlagSet flags);

    /// <summary>Does the work.</summary>
    /// <param name="context">Where to read, write and ask.</param>
    /// <param name="arguments">The arguments that are not options; their number has been checked.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The command failed.</exception>
    public abstract int Run(CommandContext context, IReadOnlyList<string> arguments);

    /// <summary>Checks the number of arguments.</summary>
    /// <exception cref="UsageException">There are too few or too many.</exception>
    public void CheckArguments(string path, int count)
    {
        if (count >= MinimumArguments && count <= MaximumArguments)
        {
            return;
        }

        string Plural(int number) => number == 1 ? "argument" : "arguments";
        string demand = this switch
        {
            { MaximumArguments: 0 } => "accepts no arguments",
            _ when MinimumArguments == MaximumArguments => $"requires {MinimumArguments} {Plural(MinimumArguments)}",
            _ when count < MinimumArguments => $"requires at least {MinimumArguments} {Plural(MinimumArguments)}",
            _ => $"requires at most {MaximumArguments} {Plural(MaximumArguments)}",
        };
        throw new UsageException($"tare: 'tare {path}' {demand}", 1)
        {
            HelpVerb = count < MinimumArguments && MinimumArguments != MaximumArguments ? "See" : "Run",
        };
    }
}
