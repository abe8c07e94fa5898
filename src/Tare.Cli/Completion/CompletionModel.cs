using Tare.Cli.CommandLine;
using Tare.Cli.Commands;

namespace Tare.Cli.Completion;

/// <summary>What the completion scripts are made from: every command with its options and the kind of its arguments.</summary>
internal static class CompletionModel
{
    private static readonly string[] s_groups = ["container", "image", "manifest", "network", "system", "volume"];

    /// <summary>All commands, by the words that name them.</summary>
    public static IEnumerable<(string Path, string Summary, IReadOnlyList<Flag> Flags, string Arguments)> Commands()
    {
        foreach (string group in s_groups.Prepend(string.Empty))
        {
            foreach (string name in CommandTable.Names(group))
            {
                if (CommandTable.Find(group, name) is { } command)
                {
                    FlagSet flags = new();
                    command.Define(flags);
                    string path = group.Length == 0 ? name : $"{group} {name}";
                    yield return (path, command.Summary, [.. flags.Flags.Where(static flag => !flag.Hidden)], Arguments(path));
                }
            }
        }
    }

    /// <summary>The commands of a group, or those without one for the empty name.</summary>
    public static IReadOnlyList<string> Names(string group) => CommandTable.Names(group);

    /// <summary>The groups.</summary>
    public static IReadOnlyList<string> Groups => s_groups;

    // What stands after the command: containers (all or running), images, networks, volumes, files or nothing that is known.
    private static string Arguments(string path) => path switch
    {
        "image inspect" or "image rm" => "images",
        "manifest create" or "manifest annotate" or "manifest inspect" or "manifest push" or "manifest rm" => string.Empty,
        "network inspect" or "network rm" => "networks",
        "volume inspect" or "volume rm" => "volumes",
        "completion" => "shells",
        _ => path.Split(' ')[^1] switch
        {
            "exec" or "attach" or "stop" or "kill" or "pause" or "top" or "port" or "explain" => "running",
            "start" or "restart" or "rm" or "logs" or "inspect" or "wait" or "rename" or "unpause" => "containers",
            "run" or "create" or "rmi" or "tag" or "history" or "pull" or "push" or "images" => "images",
            "import" => "files",
            _ => string.Empty,
        },
    };
}
