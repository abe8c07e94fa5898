namespace Tare.Cli.CommandLine;

/// <summary>The command ends with an exit code and, where it is not empty, a message on standard error.</summary>
internal sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    /// <summary>The exit code of the program.</summary>
    public int ExitCode { get; } = exitCode;
}
