using System.Globalization;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>A block device with a rate or weight.</summary>
internal sealed record DeviceRate(string Path, long Rate)
{
    /// <summary>Reads <c>path:bytes</c>, the bytes per second as a size.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static DeviceRate ParseBytes(string text)
    {
        (string path, string value) = Split(text);
        try
        {
            return new DeviceRate(path, ByteSize.Parse(value));
        }
        catch (FormatException)
        {
            throw new FormatException($"invalid rate for device: {text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb");
        }
    }

    /// <summary>Reads <c>path:operations per second</c>.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static DeviceRate ParseOperations(string text)
    {
        (string path, string value) = Split(text);
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long rate)
            ? new DeviceRate(path, rate)
            : throw new FormatException($"invalid rate for device: {text}. The correct format is <device-path>:<number>. Number must be a positive integer");
    }

    /// <summary>Reads <c>path:weight</c>.</summary>
    /// <exception cref="FormatException">The text is none, or the weight is not 0 and not between 10 and 1000.</exception>
    public static DeviceRate ParseWeight(string text)
    {
        (string path, string value) = Split(text);
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long weight) && weight is 0 or (>= 10 and <= 1000)
            ? new DeviceRate(path, weight)
            : throw new FormatException($"invalid weight for device: {text}");
    }

    private static (string Path, string Value) Split(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == text.Length - 1)
        {
            throw new FormatException($"bad format: {text}");
        }

        return text.StartsWith("/dev/", StringComparison.Ordinal)
            ? (text[..colon], text[(colon + 1)..])
            : throw new FormatException($"bad format for device path: {text}");
    }
}
