namespace Tare.Linux.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">The exit code, 0 to 255; 0 for a death by signal.</param>
/// <param name="Signal">The signal that killed it; 0 for an exit.</param>
public readonly record struct ExitStatus(int Code, int Signal)
{
    /// <summary>The status as a shell reports it: the code, or 128 + signal.</summary>
    public int ShellStatus => Signal == 0 ? Code : 128 + Signal;
}
