using System.Text;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Completion;

/// <summary>The script for fish.</summary>
internal static class FishCompletion
{
    private const string Head = """
        # Completion of tare for fish. Made by: tare completion fish
        function __tare_path
            set -l words (commandline -opc)
            set -e words[1]
            set -l path
            for word in $words
                string match -q -- '-*' $word; or set -a path $word
            end
            echo -n (string join ' ' $path[1..2])
        end
        function __tare_is
            set -l path (__tare_path)
            test "$path" = "$argv[1]"; or string match -q -- "$argv[1] *" $path
        end
        function __tare_names
            switch $argv[1]
                case running
                    tare ps --format '{{.Names}}' 2>/dev/null
                case containers
                    tare ps -a --format '{{.Names}}' 2>/dev/null
                case images
                    tare images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null
                case networks
                    tare network ls --format '{{.Name}}' 2>/dev/null
                case volumes
                    tare volume ls -q 2>/dev/null
                case shells
                    printf '%s\n' bash zsh fish
            end
        end
        complete -c tare -f

        """;

    /// <summary>The script.</summary>
    public static string Script()
    {
        StringBuilder script = new(Head);
        foreach (string group in CompletionModel.Groups)
        {
            script.Append($"complete -c tare -n 'test -z (__tare_path)' -a {group}\n");
        }

        foreach ((string path, string summary, IReadOnlyList<Flag> flags, string arguments) in CompletionModel.Commands())
        {
            string[] words = path.Split(' ');
            string before = words.Length == 1 ? "test -z (__tare_path)" : $"test (__tare_path) = {words[0]}";
            script.Append($"complete -c tare -n '{before}' -a {words[^1]} -d {Quote(summary)}\n");
            if (arguments.Length > 0)
            {
                string names = arguments == "files" ? "-F" : $"-a '(__tare_names {arguments})'";
                script.Append($"complete -c tare -n '__tare_is \"{path}\"' {names}\n");
            }

            foreach (Flag flag in flags)
            {
                string letter = flag.Shorthand == '\0' ? string.Empty : $" -s {flag.Shorthand}";
                string value = flag.BareValue is null ? " -r" : string.Empty;
                script.Append($"complete -c tare -n '__tare_is \"{path}\"' -l {flag.Name}{letter}{value} -d {Quote(flag.Description.Split('\n')[0])}\n");
            }
        }

        return script.ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
