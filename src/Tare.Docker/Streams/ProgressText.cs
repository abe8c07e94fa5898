using System.Globalization;
using System.Text;

namespace Tare.Docker.Streams;

/// <summary>Draws how far a piece of work is, as the field <c>progress</c> of Docker's progress lines has it; clients without a terminal's width print it.</summary>
internal static class ProgressText
{
    private const int Steps = 50;

    private static readonly string[] s_units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Draws, such as <c>[=====&gt;          ]  1.2MB/10MB</c>; null when nothing is known.</summary>
    /// <param name="current">Bytes done.</param>
    /// <param name="total">Bytes to do; 0 when it is not known.</param>
    public static string? Draw(long current, long total)
    {
        if (current <= 0 && total <= 0)
        {
            return null;
        }

        if (total <= 0)
        {
            return Size(current).PadLeft(8);
        }

        int done = (int)Math.Clamp((double)current / total * Steps, 0, Steps);
        StringBuilder text = new();
        text.Append('[').Append('=', done).Append('>').Append(' ', Steps - done).Append("] ").Append(Size(current).PadLeft(8));
        return current > total ? text.ToString() : text.Append('/').Append(Size(total)).ToString();
    }

    /// <summary>Writes a number of bytes with four digits, in powers of 1000.</summary>
    public static string Size(long bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 1000 && unit < s_units.Length - 1; unit++)
        {
            value /= 1000;
        }

        int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
        return Math.Round(value, decimals, MidpointRounding.ToEven).ToString(CultureInfo.InvariantCulture) + s_units[unit];
    }
}
