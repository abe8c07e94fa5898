using System.Globalization;
using Tare.Engine.Errors;

namespace Tare.Engine.Validation;

/// <summary>Sizes in log options.</summary>
internal static class LogSizes
{
    /// <summary>Reads a size such as <c>10m</c>: a number with a unit of k, m, g or t, in powers of 1024; <c>-1</c> for no limit.</summary>
    public static long ParseSize(string text)
    {
        if (text == "-1")
        {
            return -1;
        }

        string number = text.Trim().TrimEnd('b', 'B', 'i');
        int shift = number.Length == 0 ? 0 : char.ToLowerInvariant(number[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        if (shift > 0)
        {
            number = number[..^1];
        }

        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value < 0)
        {
            EngineErrors.ThrowInvalid($"invalid size: '{text}'");
        }

        return (long)(value * (1L << shift));
    }
}
