using System.Text;

namespace Tare.Linux.Mounts;

/// <summary>
/// Options of a file system as the one text that mount(2) takes, for what fsconfig(2) does not: values of more than 255 bytes, and layers of an overlay before Linux 6.5.
/// </summary>
public static class OptionText
{
    /// <summary>The option of overlayfs that adds one layer below the others; its value is a path as it is (Linux 6.5).</summary>
    public const string AppendedLower = "lowerdir+";

    private const int LongestValue = 255;

    /// <summary>The longest text, in bytes.</summary>
    public static int Longest => Environment.SystemPageSize - 1;

    /// <summary>Whether fsconfig(2) takes such a value (a string of at most 255 bytes).</summary>
    public static bool IsShort(string? value) => value is null || Encoding.UTF8.GetByteCount(value) <= LongestValue;

    /// <summary>Joins options. Layers that are added one by one become one <c>lowerdir</c>; all other values are taken as they are.</summary>
    public static string Of(IEnumerable<(string Name, string? Value)> options)
    {
        List<string> parts = [];
        List<string> lowers = [];
        foreach ((string name, string? value) in options)
        {
            if (name == AppendedLower)
            {
                lowers.Add(Escape(value!));
            }
            else
            {
                parts.Add(value is null ? name : $"{name}={value}");
            }
        }

        return string.Join(',', lowers.Count == 0 ? parts : [$"lowerdir={string.Join(':', lowers)}", .. parts]);
    }

    /// <summary>Whether the text is longer than mount(2) takes.</summary>
    public static bool IsTooLong(string text) => Encoding.UTF8.GetByteCount(text) > Longest;

    /// <summary>A path as a value of overlayfs: what would end it gets a backslash before it.</summary>
    public static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
}
