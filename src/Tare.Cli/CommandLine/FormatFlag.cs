namespace Tare.Cli.CommandLine;

/// <summary>The option <c>--format</c> of commands that print tables.</summary>
internal static class FormatFlag
{
    private const string Description = """
        Form of the output:
        'table':            a table with titles (default)
        'table TEMPLATE':   a table with the columns of a Go template
        'json':             JSON
        'TEMPLATE':         a Go template for each row
        """;

    /// <summary>Defines the option.</summary>
    public static ValueFlag<string> Define(FlagSet flags) => flags.Text("format", '\0', Description);

    /// <summary>Defines the option with its short form <c>-f</c>, for commands that print one document.</summary>
    public static ValueFlag<string> DefineForDocument(FlagSet flags) => flags.Text("format", 'f', "Form of the output: 'json' or a Go template");
}
