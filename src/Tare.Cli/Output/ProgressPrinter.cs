using System.Text.Json;
using Tare.Cli.Client;

namespace Tare.Cli.Output;

/// <summary>
/// Shows the progress messages of the daemon, one JSON document a line. On a terminal each layer has its line, which is rewritten in place; elsewhere only
/// what is not a moving number is printed.
/// </summary>
internal sealed class ProgressPrinter(OutputWriter? output)
{
    private readonly Dictionary<string, int> _lines = [];

    /// <summary>Reads messages until the end.</summary>
    /// <param name="messages">Lines of JSON.</param>
    /// <param name="output">Where they are shown, or null for nowhere: only errors count then.</param>
    /// <exception cref="StreamedErrorException">A message reports an error.</exception>
    public static void Copy(Stream messages, OutputWriter? output)
    {
        ProgressPrinter printer = new(output);
        using StreamReader reader = new(messages);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                using JsonDocument document = JsonDocument.Parse(line);
                printer.Print(document.RootElement);
            }
        }
    }

    /// <summary>Shows one message.</summary>
    /// <exception cref="StreamedErrorException">The message reports an error.</exception>
    public void Print(JsonElement message)
    {
        if (message.TryGetProperty("errorDetail", out JsonElement detail) && detail.TryGetProperty("message", out JsonElement reason))
        {
            throw new StreamedErrorException(reason.GetString() ?? string.Empty);
        }

        if (message.TryGetProperty("error", out JsonElement error))
        {
            throw new StreamedErrorException(error.GetString() ?? string.Empty);
        }

        // What a push or a build ended with is for programs.
        if (output is not null && !message.TryGetProperty("aux", out _))
        {
            Show(message, output);
            output.Flush();
        }
    }

    private void Show(JsonElement message, OutputWriter target)
    {
        string id = Text(message, "id");
        bool moving = message.TryGetProperty("progressDetail", out JsonElement progress) && progress.ValueKind == JsonValueKind.Object;
        int up = 0;
        if (id.Length > 0 && moving)
        {
            if (!_lines.TryGetValue(id, out int line))
            {
                line = _lines.Count;
                _lines[id] = line;
                if (target.IsTerminal)
                {
                    target.Write("\n");
                }
            }

            up = target.IsTerminal ? _lines.Count - line : 0;
        }
        else
        {
            _lines.Clear();
        }

        if (up > 0)
        {
            target.Write($"\e[{up}A");
        }

        ShowLine(message, target, id, moving ? ProgressBar.Format(progress, target.Columns) : null);
        if (up > 0)
        {
            target.Write($"\e[{up}B");
        }
    }

    private static void ShowLine(JsonElement message, OutputWriter target, string id, string? bar)
    {
        string prefix = id.Length > 0 ? $"{id}: " : string.Empty;
        string status = Text(message, "status");
        if (target.IsTerminal && bar is not null)
        {
            target.Write($"\e[2K\r{prefix}{status} {bar}\r");
        }
        else if (string.IsNullOrEmpty(bar))
        {
            target.Write(message.TryGetProperty("stream", out JsonElement stream) ? stream.GetString() : $"{prefix}{status}\n");
        }
    }

    private static string Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? string.Empty : string.Empty;
}
