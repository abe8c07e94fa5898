using System.Text.RegularExpressions;
using Tare.Engine.Errors;

namespace Tare.Engine.Logs;

/// <summary>The tag of a log's entries: a text with <c>{{.Name}}</c>, <c>{{.ID}}</c> and the like in it.</summary>
internal static partial class LogTag
{
    private static readonly string[] s_fields = ["ID", "FullID", "Name", "ImageID", "ImageFullID", "ImageName", "DaemonName", "Command", "ContainerID", "ContainerName"];
    private static readonly string[] s_functions = ["lower", "upper", "title"];

    /// <summary>Checks a tag.</summary>
    /// <exception cref="EngineException">InvalidArgument: it names what is not there.</exception>
    public static void Check(string tag) => Fill(tag, static _ => "");

    /// <summary>Makes the tag of a container.</summary>
    /// <param name="subject">The container.</param>
    /// <param name="otherwise">The tag when the options name none.</param>
    public static string Of(LogSubject subject, string otherwise)
    {
        LogOptionReader options = new(subject.Log.Config ?? []);
        return Fill(options.Has("tag") ? options.Text("tag") : otherwise, field => field switch
        {
            "ID" => subject.ShortId,
            "FullID" or "ContainerID" => subject.Id,
            "Name" or "ContainerName" => subject.Name,
            "ImageID" => subject.ImageId.Length > 12 ? subject.ImageId[..12] : subject.ImageId,
            "ImageFullID" => subject.ImageId,
            "ImageName" => subject.Config.Image,
            "DaemonName" => "docker",
            "Command" => subject.Command,
            _ => "",
        });
    }

    private static string Fill(string tag, Func<string, string> valueOf)
    {
        string filled = Action().Replace(tag, match => Value(match, valueOf));
        return Action().Replace(tag, "").Contains("{{", StringComparison.Ordinal)
            ? throw new EngineException(ErrorClass.InvalidArgument, $"template: log-tag:1: unclosed action in \"{tag}\"")
            : filled;
    }

    private static string Value(Match match, Func<string, string> valueOf)
    {
        string[] words = match.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries);
        string field = words[0];
        if (!field.StartsWith('.') || !s_fields.Contains(field[1..]))
        {
            EngineErrors.ThrowInvalid($"template: log-tag:1: executing \"log-tag\": can't evaluate field {field.TrimStart('.')} in type loggerutils.Info");
        }

        string value = valueOf(field[1..]);
        foreach (string function in words[1..])
        {
            value = function switch
            {
                "lower" => value.ToLowerInvariant(),
                "upper" => value.ToUpperInvariant(),
                "title" => value.Length == 0 ? "" : char.ToUpperInvariant(value[0]) + value[1..],
                _ => throw new EngineException(ErrorClass.InvalidArgument, $"template: log-tag:1: function \"{function}\" not defined (known: {string.Join(", ", s_functions)})"),
            };
        }

        return value;
    }

    [GeneratedRegex(@"\{\{-?\s*([^{}]*?)\s*-?\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Action();
}
