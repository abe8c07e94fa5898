using System.Globalization;

namespace Tare.Daemon.Options;

/// <summary>A resource limit of the configuration file or a flag; -1 is no limit.</summary>
internal sealed class UlimitText
{
    public string Name { get; set; } = "";

    public long Hard { get; set; }

    public long Soft { get; set; }

    /// <summary>Reads <c>nofile=1024:2048</c>.</summary>
    /// <exception cref="OptionException">It is no limit.</exception>
    public static UlimitText Parse(string text)
    {
        string[] words = text.Split('=', 2);
        string[] values = words.Length == 2 ? words[1].Split(':') : [];
        return values.Length is 1 or 2
            && long.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long soft)
            && long.TryParse(values[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long hard)
            ? new UlimitText { Name = words[0], Soft = soft, Hard = hard }
            : throw new OptionException($"invalid ulimit argument: {text}");
    }
}
