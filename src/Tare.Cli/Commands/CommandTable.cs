using System.Text;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary>All commands by name. A command is made only when it is asked for.</summary>
internal static class CommandTable
{
    private static readonly string[] s_common = ["run", "exec", "ps", "pull", "images", "explain", "version", "info"];

    private static readonly (string Name, string Summary)[] s_groups =
    [
        ("container", "Manage containers"), ("image", "Manage images"), ("manifest", "Manage manifests and manifest lists in registries"), ("network", "Manage networks"), ("system", "Manage Tare"), ("volume", "Manage volumes"),
    ];

    private static readonly string[] s_plain =
    [
        "attach", "commit", "completion", "cp", "create", "diff", "events", "export", "history", "import", "inspect", "kill", "load", "login", "logout", "logs", "pause", "port",
        "push", "rename", "restart", "rm", "rmi", "save", "search", "start", "stats", "stop", "tag", "top", "unpause", "update", "wait",
    ];

    /// <summary>Whether the word names a group of commands.</summary>
    public static bool IsGroup(string name) => Array.Exists(s_groups, group => group.Name == name);

    /// <summary>The names that a group holds, or for the empty group all that need no group.</summary>
    public static IReadOnlyList<string> Names(string group) => group switch
    {
        "" => [.. s_common, .. s_groups.Select(static entry => entry.Name), .. s_plain],
        "container" =>
        [
            "attach", "commit", "cp", "create", "diff", "exec", "explain", "export", "inspect", "kill", "logs", "ls", "pause", "port", "prune", "rename", "restart",
            "rm", "run", "start", "stats", "stop", "top", "unpause", "update", "wait",
        ],
        "image" => ["bootstrap", "history", "import", "inspect", "load", "ls", "prune", "pull", "push", "rm", "save", "tag"],
        "manifest" => ["annotate", "create", "inspect", "push", "rm"],
        "network" => ["create", "inspect", "ls", "prune", "rm"],
        "volume" => ["create", "inspect", "ls", "prune", "rm"],
        "system" => ["check", "df", "events", "info", "prune"],
        _ => [],
    };

    /// <summary>Makes the command, or gives null when there is none of this name.</summary>
    public static Command? Find(string group, string name) => group switch
    {
        "" => FindPlain(name),
        "container" => name switch
        {
            "ls" or "list" or "ps" => new PsCommand(),
            "inspect" => new InspectCommand("container"),
            "prune" => new PruneCommand("containers"),
            "images" or "history" or "import" or "load" or "login" or "logout" or "pull" or "push" or "rmi" or "save" or "search" or "tag" or "version" or "info" or "events" or "completion" => null,
            _ => FindPlain(name),
        },
        "image" => name switch
        {
            "ls" or "list" => new ImagesCommand(),
            "rm" or "remove" => new RmiCommand(),
            "inspect" => new InspectCommand("image"),
            "bootstrap" => new BootstrapCommand(),
            "prune" => new PruneCommand("images"),
            "history" or "import" or "load" or "pull" or "push" or "save" or "tag" => FindPlain(name),
            _ => null,
        },
        "manifest" => name switch
        {
            "annotate" => new ManifestAnnotateCommand(),
            "create" => new ManifestCreateCommand(),
            "inspect" => new ManifestInspectCommand(),
            "push" => new ManifestPushCommand(),
            "rm" => new ManifestRemoveCommand(),
            _ => null,
        },
        "network" => name switch
        {
            "ls" or "list" => new NetworkListCommand(),
            "create" => new NetworkCreateCommand(),
            "rm" or "remove" => new NetworkRemoveCommand(),
            "inspect" => new InspectCommand("network"),
            "prune" => new PruneCommand("networks"),
            _ => null,
        },
        "volume" => name switch
        {
            "ls" or "list" => new VolumeListCommand(),
            "create" => new VolumeCreateCommand(),
            "rm" or "remove" => new VolumeRemoveCommand(),
            "inspect" => new InspectCommand("volume"),
            "prune" => new PruneCommand("volumes"),
            _ => null,
        },
        "system" => name switch
        {
            "events" or "info" => FindPlain(name),
            "check" => new SystemCheckCommand(),
            "df" => new SystemDfCommand(),
            "prune" => new SystemPruneCommand(),
            _ => null,
        },
        _ => null,
    };

    /// <summary>The help text of a group.</summary>
    public static string GroupHelp(string group)
    {
        StringBuilder text = new();
        text.Append($"Usage:  tare {group} COMMAND\n\n{Array.Find(s_groups, entry => entry.Name == group).Summary}\n");
        HelpText.AppendCommands(text, "Commands", [.. Names(group).Select(name => (name, Find(group, name)!.Summary))]);
        return text.Append($"\nRun 'tare {group} COMMAND --help' for more information on a command.\n").ToString();
    }

    /// <summary>The help text of the program.</summary>
    public static string RootHelp(FlagSet flags, int columns)
    {
        StringBuilder text = new();
        text.Append("Usage:  tare [OPTIONS] COMMAND\n\nContainers for Linux, as light as the kernel allows\n");
        HelpText.AppendCommands(text, "Common Commands", Summaries(s_common));
        HelpText.AppendCommands(text, "Management Commands", s_groups);
        HelpText.AppendCommands(text, "Commands", Summaries(s_plain));
        text.Append("\nGlobal Options:\n");
        HelpText.AppendFlags(text, flags.Flags, columns);
        return text.Append("\nRun 'tare COMMAND --help' for more information on a command.\n").ToString();
    }

    private static (string Name, string Summary)[] Summaries(string[] names) => [.. names.Select(static name => (name, FindPlain(name)!.Summary))];

    private static Command? FindPlain(string name) => name switch
    {
        "run" => new RunCommand(),
        "create" => new CreateCommand(),
        "start" => new StartCommand(),
        "attach" => new AttachCommand(),
        "exec" => new ExecCommand(),
        "ps" => new PsCommand(),
        "logs" => new LogsCommand(),
        "top" => new TopCommand(),
        "stats" => new StatsCommand(),
        "update" => new UpdateCommand(),
        "port" => new PortCommand(),
        "explain" => new ExplainCommand(),
        "inspect" => new InspectCommand(string.Empty),
        "images" => new ImagesCommand(),
        "pull" => new PullCommand(),
        "push" => new PushCommand(),
        "login" => new LoginCommand(),
        "logout" => new LogoutCommand(),
        "search" => new SearchCommand(),
        "import" => new ImportCommand(),
        "rmi" => new RmiCommand(),
        "tag" => new TagCommand(),
        "history" => new HistoryCommand(),
        "version" => new VersionCommand(),
        "info" => new InfoCommand(),
        "events" => new EventsCommand(),
        "completion" => new CompletionCommand(),
        _ => FindLifecycle(name) ?? FindArchive(name),
    };

    private static Command? FindArchive(string name) => name switch
    {
        "commit" => new CommitCommand(),
        "cp" => new CpCommand(),
        "diff" => new DiffCommand(),
        "export" => new ExportCommand(),
        "load" => new LoadCommand(),
        "save" => new SaveCommand(),
        _ => null,
    };

    private static Command? FindLifecycle(string name) => name switch
    {
        "stop" => new StopCommand(),
        "restart" => new RestartCommand(),
        "kill" => new KillCommand(),
        "pause" => new PauseCommand(),
        "unpause" => new UnpauseCommand(),
        "rename" => new RenameCommand(),
        "rm" or "remove" => new RmCommand(),
        "wait" => new WaitCommand(),
        _ => null,
    };
}
