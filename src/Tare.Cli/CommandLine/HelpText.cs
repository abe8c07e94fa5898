using System.Text;

namespace Tare.Cli.CommandLine;

/// <summary>Writes usage lines and option tables.</summary>
internal static class HelpText
{
    private const int NarrowestText = 24;

    /// <summary>The whole help text of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="flags">Its options.</param>
    /// <param name="path">The words that named the command.</param>
    /// <param name="columns">The width of the terminal; 80 where there is none.</param>
    public static string ForCommand(string path, Command command, FlagSet flags, int columns)
    {
        StringBuilder text = new();
        text.Append($"Usage:  {UsageLine(path, command)}\n\n{command.Summary}\n");
        if (command.Spellings.Count > 0)
        {
            text.Append("\nAliases:\n  ").AppendJoin(", ", command.Spellings.Select(static spelling => $"tare {spelling}")).Append('\n');
        }

        if (flags.Flags.Any(static flag => !flag.Hidden))
        {
            text.Append("\nOptions:\n");
            AppendFlags(text, flags.Flags, columns);
        }

        return text.ToString();
    }

    /// <summary>The usage line, without the word <c>Usage</c>.</summary>
    public static string UsageLine(string path, Command command) => command.Usage.Length == 0 ? $"tare {path}" : $"tare {path} {command.Usage}";

    /// <summary>Appends a table of commands.</summary>
    public static void AppendCommands(StringBuilder text, string title, IReadOnlyList<(string Name, string Summary)> commands)
    {
        text.Append($"\n{title}:\n");
        foreach ((string name, string summary) in commands)
        {
            text.Append($"  {name,-12}{summary}\n");
        }
    }

    /// <summary>Appends the table of options, sorted by their long names.</summary>
    public static void AppendFlags(StringBuilder text, IReadOnlyList<Flag> flags, int columns)
    {
        List<(string Left, string Right)> rows = [.. flags.Where(static flag => !flag.Hidden)
            .OrderBy(static flag => flag.Name, StringComparer.Ordinal)
            .Select(static flag => (Left(flag), Right(flag)))];
        int indent = rows.Max(static row => row.Left.Length) + 3;
        int width = Math.Max(columns - indent, NarrowestText);
        foreach ((string left, string right) in rows)
        {
            text.Append(left.PadRight(indent));
            text.Append(string.Join('\n' + new string(' ', indent), right.Split('\n').SelectMany(line => Wrap(line, width))));
            text.Append('\n');
        }
    }

    private static string Left(Flag flag)
    {
        string names = flag.Shorthand == '\0' ? $"      --{flag.Name}" : $"  -{flag.Shorthand}, --{flag.Name}";
        return flag.TypeName.Length == 0 ? names : $"{names} {flag.TypeName}";
    }

    private static string Right(Flag flag) => flag.DefaultText is null ? flag.Description : $"{flag.Description} (default {flag.DefaultText})";

    private static IEnumerable<string> Wrap(string line, int width)
    {
        while (line.Length > width)
        {
            int cut = line.LastIndexOf(' ', width);
            if (cut <= 0)
            {
                break;
            }

            yield return line[..cut];
            line = line[(cut + 1)..];
        }

        yield return line;
    }
}
