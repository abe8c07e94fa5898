using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Engine.Validation;

/// <summary>Size and number of a container's log files.</summary>
/// <param name="MaxSizeBytes">Size from which a file is rotated; -1 never rotates.</param>
/// <param name="MaxFiles">Files that are kept.</param>
internal readonly record struct LogSizes(long MaxSizeBytes, int MaxFiles)
{
    /// <summary>Reads <c>max-size</c> and <c>max-file</c>. The defaults, 10 MiB and 5 files, bound a log that Docker lets grow for ever.</summary>
    /// <exception cref="EngineException">InvalidArgument: a value is wrong.</exception>
    public static LogSizes Of(LogConfig log)
    {
        long size = 10L << 20;
        int files = 5;
        if (log.Config?.GetValueOrDefault("max-size") is { Length: > 0 } sizeText)
        {
            size = ParseSize(sizeText);
            files = 1;
        }

        if (log.Config?.GetValueOrDefault("max-file") is { Length: > 0 } filesText)
        {
            if (!int.TryParse(filesText, NumberStyles.None, CultureInfo.InvariantCulture, out files) || files < 1)
            {
                EngineErrors.ThrowInvalid("max-file cannot be less than 1");
            }
        }

        return new LogSizes(size, files);
    }

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
