namespace Tare.Testing;

/// <summary>How a command ended, and what it printed.</summary>
/// <param name="Line">The command as it was run, for messages.</param>
/// <param name="ExitCode">The exit status; 128 + signal for a death by signal.</param>
/// <param name="Stdout">Standard output as UTF-8.</param>
/// <param name="Stderr">Standard error as UTF-8.</param>
public sealed record CommandResult(string Line, int ExitCode, string Stdout, string Stderr)
{
    /// <summary>Standard output without white space at its ends.</summary>
    public string Text => Stdout.Trim();

    /// <summary>This result, if the command succeeded; otherwise the test fails with all that the command printed.</summary>
    public CommandResult Ok() => Exits(0);

    /// <summary>This result, if the command ended with <paramref name="code"/>; otherwise the test fails with all that the command printed.</summary>
    public CommandResult Exits(int code)
    {
        Assert.True(ExitCode == code, $"{Line}\nexit {ExitCode}, expected {code}\nstdout: {Stdout}\nstderr: {Stderr}");
        return this;
    }
}
