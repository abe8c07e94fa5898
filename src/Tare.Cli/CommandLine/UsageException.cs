namespace Tare.Cli.CommandLine;

/// <summary>The command line breaks the rules of its command. Carries the text before the usage lines.</summary>
/// <param name="message">What is wrong, in Docker's words.</param>
/// <param name="exitCode">125 for options, 1 for the number of arguments.</param>
internal sealed class UsageException(string message, int exitCode = 125) : Exception(message)
{
    /// <summary>The exit code of the program.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>How the pointer to the help text begins: Docker says <c>Run</c>, or <c>See</c> when arguments are missing.</summary>
    public string HelpVerb { get; init; } = "Run";
}
