using Microsoft.Win32.SafeHandles;
using Tare.Cli.CommandLine;
using Tare.Linux;
using Tare.Linux.Processes;

namespace Tare.Cli.Bootstrap;

/// <summary>A program of the distribution that does a part of the work.</summary>
/// <param name="path">Where it is.</param>
/// <param name="name">Its name, for messages.</param>
internal sealed class Tool(string path, string name)
{
    // Where administrators' programs are is not in every user's PATH.
    private static readonly string[] s_folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Finds a program.</summary>
    /// <exception cref="CommandException">It is missing; the message names the package.</exception>
    public static Tool Find(string name)
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(s_folders);
        string? path = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return new Tool(path ?? throw new CommandException($"the program \"{name}\" is missing. hint: apt-get install {name}"), name);
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="CommandException">It could not be started.</exception>
    public SpawnedProcess Start(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle output, SafeFileHandle errors)
    {
        using SafeFileHandle nothing = File.OpenHandle("/dev/null");
        try
        {
            return ProcessLauncher.Spawn(new SpawnRequest
            {
                Path = path,
                Arguments = [name, .. arguments],
                Environment = ["PATH=" + string.Join(':', s_folders), "LC_ALL=C.UTF-8", .. environment],
                Descriptors = [nothing, output, errors],
            });
        }
        catch (LinuxException failure)
        {
            throw new CommandException($"start \"{path}\": {failure.Message}");
        }
    }

    /// <summary>Runs it to its end; what it prints goes to a log.</summary>
    /// <exception cref="CommandException">It failed; the message holds the end of the log.</exception>
    public void Run(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string log)
    {
        using SafeFileHandle output = File.OpenHandle(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using SpawnedProcess process = Start(arguments, environment, output, output);
        Expect(process, log);
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="CommandException">It failed; the message holds the end of the log.</exception>
    public void Expect(SpawnedProcess process, string log)
    {
        int status = process.WaitForExitAsync().GetAwaiter().GetResult().ShellStatus;
        if (status != 0)
        {
            string last = string.Join('\n', File.ReadLines(log).TakeLast(5));
            throw new CommandException($"{name} failed with exit code {status}:\n{last}");
        }
    }
}
