using System.Text;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Completion;

/// <summary>The script for zsh.</summary>
internal static class ZshCompletion
{
    private const string Head = """
        #compdef tare
        # Completion of tare for zsh. Made by: tare completion zsh
        __tare_names() {
            local -a names
            case $1 in
                running) names=(${(f)"$(tare ps --format '{{.Names}}' 2>/dev/null)"}) ;;
                containers) names=(${(f)"$(tare ps -a --format '{{.Names}}' 2>/dev/null)"}) ;;
                images) names=(${(f)"$(tare images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)"}) ;;
                networks) names=(${(f)"$(tare network ls --format '{{.Name}}' 2>/dev/null)"}) ;;
                volumes) names=(${(f)"$(tare volume ls -q 2>/dev/null)"}) ;;
                shells) names=(bash zsh fish) ;;
                *) _files; return ;;
            esac
            compadd -a names
        }
        _tare() {
            local at=2 path
            while (( at < CURRENT )); do
                case $words[at] in
                    -H|--host|-l|--log-level) (( at += 2 )) ;;
                    -*) (( at += 1 )) ;;
                    *) break ;;
                esac
            done
            local -a commands flags
            if (( at >= CURRENT )); then

        """;

    /// <summary>The script.</summary>
    public static string Script()
    {
        StringBuilder script = new(Head);
        var commands = CompletionModel.Commands().ToList();
        script.Append("        commands=(\n");
        foreach (string name in CompletionModel.Names(string.Empty))
        {
            string summary = commands.Find(command => command.Path == name).Summary ?? $"Commands of {name}";
            script.Append($"            {Quote($"{name}:{summary}")}\n");
        }

        script.Append("        )\n        _describe command commands\n        return\n    fi\n    path=$words[at]\n    case $path in\n");
        foreach (string group in CompletionModel.Groups)
        {
            script.Append($"        {group})\n            if (( at + 1 >= CURRENT )); then\n                compadd {string.Join(' ', CompletionModel.Names(group))}\n                return\n            fi\n");
            script.Append("            path=\"$path $words[at+1]\" ;;\n");
        }

        script.Append("    esac\n    local kind=\n    case $path in\n");
        foreach ((string path, string _, IReadOnlyList<Flag> flags, string arguments) in commands)
        {
            script.Append($"        '{path}') kind={arguments}; flags=(\n");
            foreach (Flag flag in flags)
            {
                script.Append($"            {Quote($"--{flag.Name}:{flag.Description.Split('\n')[0]}")}\n");
            }

            script.Append("        ) ;;\n");
        }

        return script.Append("    esac\n    if [[ $PREFIX == -* ]]; then\n        _describe option flags\n    else\n        __tare_names \"$kind\"\n    fi\n}\n_tare \"$@\"\n").ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
