using System.Globalization;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>A resource limit of the process (setrlimit(2)); -1 is unlimited.</summary>
internal sealed record Ulimit(string Name, long Soft, long Hard)
{
    private static readonly string[] s_names =
    [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ];

    /// <summary>Reads <c>name=soft[:hard]</c>.</summary>
    /// <exception cref="FormatException">The text is no limit.</exception>
    public static Ulimit Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            throw new FormatException($"invalid ulimit argument: {text}");
        }

        string name = text[..equals];
        if (!s_names.Contains(name))
        {
            throw new FormatException($"invalid ulimit type: {name}");
        }

        string[] values = text[(equals + 1)..].Split(':');
        if (values.Length > 2)
        {
            throw new FormatException($"too many limit value arguments - {text[(equals + 1)..]}, can only have up to two, `soft[:hard]`");
        }

        long soft = Number(values[0]);
        long hard = values.Length == 2 ? Number(values[1]) : soft;
        return hard != -1 && (soft == -1 || soft > hard)
            ? throw new FormatException($"ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}")
            : new Ulimit(name, soft, hard);
    }

    private static long Number(string text) => text == "unlimited"
        ? -1
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new FormatException($"strconv.ParseInt: parsing {GoQuote.Quote(text)}: invalid syntax");
}
