namespace Tare.Runtime.Commands;

/// <summary>Options of create and run.</summary>
internal sealed record RunOptions
{
    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>The bundle, absolute.</summary>
    public required string Bundle { get; init; }

    /// <summary>Unix socket that gets the terminal's master.</summary>
    public string? ConsoleSocket { get; init; }

    /// <summary>Unix socket that gets the first process's pidfd.</summary>
    public string? PidFdSocket { get; init; }

    /// <summary>File that gets the pid.</summary>
    public string? PidFile { get; init; }

    /// <summary>run: leaves the container to itself.</summary>
    public bool Detach { get; init; }

    /// <summary>run: does not delete the container after its end.</summary>
    public bool Keep { get; init; }

    /// <summary>Moves the root instead of pivoting.</summary>
    public bool NoPivot { get; init; }

    /// <summary>Keeps the caller's session keyring.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>How many descriptors from 3 on the process keeps.</summary>
    public int PreserveFds { get; init; }

    /// <summary>Reads the options of a command.</summary>
    public static RunOptions Read(string command, CommandLineReader reader)
    {
        string bundle = ".";
        RunOptions options = new() { Id = "", Bundle = "" };
        while (reader.NextOption())
        {
            options = reader.Option switch
            {
                "bundle" or "b" => Same(options, bundle = reader.Value()),
                "console-socket" => options with { ConsoleSocket = reader.Value() },
                "pidfd-socket" => options with { PidFdSocket = reader.Value() },
                "pid-file" => options with { PidFile = reader.Value() },
                "no-pivot" => options with { NoPivot = reader.Flag() },
                "no-new-keyring" => options with { NoNewKeyring = reader.Flag() },
                "preserve-fds" => options with { PreserveFds = reader.Number() },
                "detach" or "d" when command == "run" => options with { Detach = reader.Flag() },
                "keep" when command == "run" => options with { Keep = reader.Flag() },
                "no-subreaper" when command == "run" => Same(options, reader.Flag()),
                _ => throw reader.Unknown(command),
            };
        }

        return options with { Id = reader.Single(command, "the container's id"), Bundle = Path.GetFullPath(bundle) };
    }

    private static RunOptions Same<T>(RunOptions options, T value)
    {
        _ = value;
        return options;
    }
}
