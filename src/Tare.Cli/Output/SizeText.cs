using System.Globalization;

namespace Tare.Cli.Output;

/// <summary>Sizes for people, as Docker prints them.</summary>
internal static class SizeText
{
    private static readonly string[] s_decimal = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    private static readonly string[] s_binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size in units of 1000.</summary>
    /// <param name="bytes">The size.</param>
    /// <param name="digits">Significant digits: 4, or 3 in tables.</param>
    public static string Human(double bytes, int digits = 4) => Format(bytes, 1000, s_decimal, digits);

    /// <summary>A size in units of 1024, with four significant digits.</summary>
    public static string Binary(double bytes) => Format(bytes, 1024, s_binary, 4);

    private static string Format(double value, double step, string[] units, int digits)
    {
        int unit = 0;
        while (value >= step && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        return Significant(value, digits) + units[unit];
    }

    private static string Significant(double value, int digits) => value.ToString($"G{digits}", CultureInfo.InvariantCulture).Replace("E+", "e+", StringComparison.Ordinal);
}
