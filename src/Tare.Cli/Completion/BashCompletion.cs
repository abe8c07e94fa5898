using System.Text;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Completion;

/// <summary>The script for bash.</summary>
internal static class BashCompletion
{
    private const string Head = """
        # Completion of tare for bash. Made by: tare completion bash
        __tare_names() {
            case $1 in
                running) tare ps --format '{{.Names}}' 2>/dev/null ;;
                containers) tare ps -a --format '{{.Names}}' 2>/dev/null ;;
                images) tare images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null ;;
                networks) tare network ls --format '{{.Name}}' 2>/dev/null ;;
                volumes) tare volume ls -q 2>/dev/null ;;
                shells) echo bash zsh fish ;;
            esac
        }

        _tare() {
            local cur prev words cword path= kind= flags= valued= i
            if declare -F _init_completion >/dev/null; then
                _init_completion -n : || return
            else
                cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
            fi
            local at=1
            while [ $at -lt $cword ]; do
                case ${words[at]} in
                    -H|--host|-l|--log-level) at=$((at + 2)) ;;
                    -*) at=$((at + 1)) ;;
                    *) break ;;
                esac
            done
            if [ $at -ge $cword ]; then
                COMPREPLY=($(compgen -W "$__tare_commands --host --version --help" -- "$cur"))
                return
            fi
            path=${words[at]}

        """;

    private const string Tail = """
                *) return ;;
            esac
            if [[ $cur == -* ]]; then
                COMPREPLY=($(compgen -W "$flags --help" -- "$cur"))
                return
            fi
            if [ -n "$kind" ] && [ "$kind" != files ]; then
                COMPREPLY=($(compgen -W "$(__tare_names "$kind")" -- "$cur"))
                declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
            else
                COMPREPLY=($(compgen -f -- "$cur"))
            fi
        }
        complete -F _tare tare

        """;

    /// <summary>The script.</summary>
    public static string Script()
    {
        StringBuilder script = new(Head);
        script.Append("    case $path in\n");
        foreach (string group in CompletionModel.Groups)
        {
            script.Append($"        {group})\n            if [ $((at + 1)) -ge $cword ]; then\n");
            script.Append($"                COMPREPLY=($(compgen -W \"{string.Join(' ', CompletionModel.Names(group))}\" -- \"$cur\"))\n                return\n            fi\n");
            script.Append("            path=\"$path ${words[at + 1]}\" ;;\n");
        }

        script.Append("    esac\n    case $path in\n");
        foreach ((string path, string _, IReadOnlyList<Flag> flags, string arguments) in CompletionModel.Commands())
        {
            string names = string.Join(' ', flags.Select(static flag => flag.Shorthand == '\0' ? $"--{flag.Name}" : $"--{flag.Name} -{flag.Shorthand}"));
            script.Append($"        '{path}') kind={arguments} flags='{names}' ;;\n");
        }

        return $"__tare_commands='{string.Join(' ', CompletionModel.Names(string.Empty))}'\n{script}{Tail}";
    }
}
