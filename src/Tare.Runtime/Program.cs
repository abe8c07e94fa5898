using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Runtime.Commands;
using Tare.Runtime.Containers;

namespace Tare.Runtime;

/// <summary>The OCI runtime tare-runtime: the command line of runc.</summary>
internal static class Program
{
    private const string Usage = """
        tare-runtime: an OCI runtime with the command line of runc

        tare-runtime [--root DIR] [--log FILE] [--log-format text|json] [--debug] [--systemd-cgroup] COMMAND …

        create, run, start, state, kill, delete, exec, pause, resume, update, ps, events,
        list, checkpoint, restore, spec, plan, features

        """;

    private static readonly string[] s_commands =
    [
        "create", "run", "start", "state", "kill", "delete", "exec", "pause", "resume", "update", "ps", "events", "list", "checkpoint", "restore", "spec", "plan", "features", "help",
    ];

    private static int Main(string[] args)
    {
        GlobalOptions options = new();
        try
        {
            CommandLineReader reader = new(args, 0);
            if (ReadGlobals(reader, ref options))
            {
                return 0;
            }

            string[] rest = reader.Rest();
            if (rest.Length == 0)
            {
                MessageLog.WriteStdout(Usage);
                return 0;
            }

            MessageLog log = new(options);
            log.Open();
            return Dispatch(new CommandContext(options, log), rest);
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException or CgroupException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            new MessageLog(options).Error(FileErrors.Describe(failure));
            return 1;
        }
    }

    private static int Dispatch(CommandContext context, string[] rest)
    {
        if (rest.Length > 1 && rest[1] is "--help" or "-h")
        {
            return s_commands.Contains(rest[0]) ? Help() : Unknown(context, rest[0]);
        }

        // As runc: what stands behind the id of exec and ps belongs to the command that they run.
        CommandLineReader reader = new(rest, 1, interspersed: rest[0] is not ("exec" or "ps"));
        return rest[0] switch
        {
            "create" => CreateCommand.Run(context, reader),
            "run" => RunCommand.Run(context, reader),
            "start" => StateCommands.Start(context, reader),
            "state" => StateCommands.State(context, reader),
            "kill" => StateCommands.Kill(context, reader),
            "delete" => StateCommands.Delete(context, reader),
            "exec" => ExecCommand.Run(context, reader),
            "pause" => StateCommands.Freeze(context, reader, freeze: true),
            "resume" => StateCommands.Freeze(context, reader, freeze: false),
            "ps" => PsCommand.Run(context, reader),
            "update" => UpdateCommand.Run(context, reader),
            "events" => EventsCommand.Run(context, reader),
            "checkpoint" => CheckpointCommand.Run(context, reader),
            "restore" => RestoreCommand.Run(context, reader),
            "list" => StateCommands.List(context, reader),
            "spec" => SpecCommand.Run(reader),
            "plan" => PlanCommand.Run(reader),
            "features" => FeaturesCommand.Run(reader),
            "stress-clones" => StressCommand.Run(reader),
            "shim" => Shim.ShimCommand.Run(reader),
            "layer" => Layers.LayerCommand.Run(reader),
            "user-namespace" => UserNamespaces.UserNamespaceCommand.Run(reader),
            "help" => Help(),
            _ => Unknown(context, rest[0]),
        };
    }

    // As runc: apart from the exit code of a command that failed.
    private static int Unknown(CommandContext context, string command)
    {
        context.Log.Error($"No help topic for '{command}'");
        return 3;
    }

    private static int Help()
    {
        MessageLog.WriteStdout(Usage);
        return 0;
    }

    // Returns true when an option answered all that was asked.
    private static bool ReadGlobals(CommandLineReader reader, ref GlobalOptions options)
    {
        while (reader.NextOption())
        {
            switch (reader.Option)
            {
                case "root":
                    options = options with { Root = Path.GetFullPath(reader.Value()) };
                    break;
                case "log":
                    options = options with { Log = reader.Value() };
                    break;
                case "log-format":
                    string format = reader.Value();
                    options = options with { LogJson = format is "json" ? true : format is "text" ? false : throw new RuntimeException(ErrorKind.Invalid, $"invalid log-format \"{format}\"") };
                    break;
                case "debug":
                    options = options with { Debug = reader.Flag() };
                    break;
                case "systemd-cgroup":
                    options = options with { SystemdCgroup = reader.Flag() };
                    break;
                // What is not permitted is seen when it is tried, and criu is looked for in $PATH (as runc).
                case "rootless" or "criu":
                    _ = reader.Value();
                    break;
                case "version" or "v":
                    MessageLog.WriteStdout($"tare-runtime version {typeof(Program).Assembly.GetName().Version?.ToString(3)}\nspec: {SpecVersion.Current}\n");
                    return true;
                case "help" or "h":
                    MessageLog.WriteStdout(Usage);
                    return true;
                default:
                    throw reader.Unknown("");
            }
        }

        return false;
    }
}
