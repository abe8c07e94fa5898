using Tare.Cli.Client;
using Tare.Cli.Commands;
using Tare.Cli.Output;

namespace Tare.Cli.CommandLine;

/// <summary>Finds the command that a command line names, runs it and reports how it failed.</summary>
internal sealed class Launcher(OutputWriter output, OutputWriter error)
{
    private const int FailedOutsideContainer = 125;

    /// <summary>Runs the command line.</summary>
    /// <returns>The exit code of the program.</returns>
    public int Run(string[] arguments)
    {
        GlobalFlags global = new();
        List<string> words;
        try
        {
            words = global.Flags.Parse(arguments, interspersed: false);
        }
        catch (UsageException failure)
        {
            return Report($"{failure.Message}\n\nUsage:  tare [OPTIONS] COMMAND [ARG...]\n\nRun 'tare --help' for more information", failure.ExitCode);
        }

        global.Apply();
        if (global.Version.Value)
        {
            output.WriteLine($"Tare version {ClientVersion.Text}");
            return 0;
        }

        bool help = global.Flags.HelpRequested || words is ["help", ..];
        if (words is ["help", ..])
        {
            words.RemoveAt(0);
        }

        return words.Count == 0 ? PrintRootHelp(global, asked: help) : Dispatch(global, words, help);
    }

    private int Dispatch(GlobalFlags global, List<string> words, bool help)
    {
        string path = words[0];
        int used = 1;
        Command? command;
        if (CommandTable.IsGroup(path))
        {
            string? name = words.Count > 1 && !words[1].StartsWith('-') ? words[1] : null;
            command = name is null ? null : CommandTable.Find(path, name);
            if (name is null)
            {
                // As docker: help that nobody asked for does not get into a pipe.
                (help || words.Contains("--help") ? output : error).Write(CommandTable.GroupHelp(path));
                return 0;
            }

            if (command is null)
            {
                return Report($"tare: unknown command: tare {path} {name}\n\nUsage:  tare {path}\n\nRun 'tare {path} --help' for more information", 1);
            }

            path = $"{path} {name}";
            used = 2;
        }
        else
        {
            command = CommandTable.Find(string.Empty, path);
            if (command is null)
            {
                return Report($"tare: unknown command: tare {path}\n\nRun 'tare --help' for more information", 1);
            }
        }

        string[] rest = help ? ["--help"] : [.. words.Skip(used)];
        return Execute(global, path, command, rest);
    }

    private int Execute(GlobalFlags global, string path, Command command, string[] arguments)
    {
        using CommandContext context = new(path, output, error, global.Connect);
        try
        {
            FlagSet flags = new();
            command.Define(flags);
            List<string> positional = flags.Parse(arguments, command.Interspersed);
            if (flags.HelpRequested)
            {
                output.Write(HelpText.ForCommand(path, command, flags, Math.Max(output.Columns, 80)));
                return 0;
            }

            command.CheckArguments(path, positional.Count);
            return command.Run(context, positional);
        }
        catch (UsageException failure)
        {
            return Report(
                $"{failure.Message}\n\nUsage:  {HelpText.UsageLine(path, command)}\n\n{failure.HelpVerb} 'tare {path} --help' for more information", failure.ExitCode);
        }
        catch (CommandException failure)
        {
            return Report(failure.Message, failure.ExitCode);
        }
        catch (Exception failure) when (failure is DaemonException or UnreachableException or StreamedErrorException or FormatException
            or InvalidDataException or UnauthorizedAccessException or System.Text.Json.JsonException or System.Net.Sockets.SocketException
            || (failure is IOException && failure.HResult != OutputWriter.BrokenPipe))
        {
            return command.PointsToHelp
                ? Report($"tare: {failure.Message}\n\nRun 'tare {path} --help' for more information", FailedOutsideContainer)
                : Report(failure.Message, 1);
        }
    }

    private int PrintRootHelp(GlobalFlags global, bool asked)
    {
        (asked ? output : error).Write(CommandTable.RootHelp(global.Flags, Math.Max(output.Columns, 80)));
        return 0;
    }

    private int Report(string message, int exitCode)
    {
        output.Flush();
        if (message.Length > 0)
        {
            error.WriteLine(message);
        }

        return exitCode;
    }
}
