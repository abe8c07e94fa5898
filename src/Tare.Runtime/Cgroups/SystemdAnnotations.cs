using System.Globalization;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Cgroups;

/// <summary>
/// Properties of the unit from annotations: <c>org.systemd.property.TimeoutStopUSec: "uint64 123"</c>, the value in the text form of GVariant. A time
/// whose name ends in <c>Sec</c> is given in seconds and passed on in microseconds as <c>USec</c>, as runc does.
/// </summary>
internal static class SystemdAnnotations
{
    private const string Prefix = "org.systemd.property.";

    /// <summary>The properties.</summary>
    /// <exception cref="RuntimeException">A name or a value is of another form.</exception>
    public static IEnumerable<SystemdProperty> Of(Dictionary<string, string>? annotations)
    {
        foreach ((string key, string value) in annotations ?? [])
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal))
            {
                yield return Parse(key, key[Prefix.Length..], value.Trim());
            }
        }
    }

    private static SystemdProperty Parse(string key, string name, string value)
    {
        if (name.Length < 3 || !name.All(char.IsAsciiLetter))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"annotation \"{key}\" names no property of a unit");
        }

        if (name.EndsWith("Sec", StringComparison.Ordinal) && !name.EndsWith("USec", StringComparison.Ordinal))
        {
            string digits = value.StartsWith("uint", StringComparison.Ordinal) || value.StartsWith("int", StringComparison.Ordinal) ? value[(value.IndexOf(' ', StringComparison.Ordinal) + 1)..] : value;
            return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
                ? SystemdProperty.Of(name[..^"Sec".Length] + "USec", (ulong)(seconds * 1_000_000))
                : throw Wrong(key, value);
        }

        return Value(name, value) ?? throw Wrong(key, value);
    }

    private static SystemdProperty? Value(string name, string value)
    {
        if (value is "true" or "false")
        {
            return SystemdProperty.Of(name, value == "true");
        }

        if (Text(value) is { } text)
        {
            return SystemdProperty.Of(name, text);
        }

        if (value.Length >= 2 && value[0] == '[' && value[^1] == ']')
        {
            string[] items = value[1..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string?[] texts = [.. items.Select(Text)];
            return Array.TrueForAll(texts, item => item is not null)
                ? new SystemdProperty(name, "as", writer => writer.Array(4, elements => Array.ForEach(texts, item => elements.String(item!))))
                : null;
        }

        int space = value.IndexOf(' ', StringComparison.Ordinal);
        return Number(name, space < 0 ? "int32" : value[..space], value[(space + 1)..].Trim());
    }

    private static SystemdProperty? Number(string name, string type, string digits) => type switch
    {
        "byte" when byte.TryParse(digits, CultureInfo.InvariantCulture, out byte number) => new SystemdProperty(name, "y", writer => writer.Byte(number)),
        "uint32" when uint.TryParse(digits, CultureInfo.InvariantCulture, out uint number) => new SystemdProperty(name, "u", writer => writer.UInt32(number)),
        "int32" when int.TryParse(digits, CultureInfo.InvariantCulture, out int number) => new SystemdProperty(name, "i", writer => writer.UInt32((uint)number)),
        "uint64" when ulong.TryParse(digits, CultureInfo.InvariantCulture, out ulong number) => SystemdProperty.Of(name, number),
        "int64" when long.TryParse(digits, CultureInfo.InvariantCulture, out long number) => new SystemdProperty(name, "x", writer => writer.UInt64((ulong)number)),
        _ => null,
    };

    private static string? Text(string value) => value.Length >= 2 && value[0] is '\'' or '"' && value[^1] == value[0] ? value[1..^1] : null;

    private static RuntimeException Wrong(string key, string value)
        => new(ErrorKind.Invalid, $"annotation \"{key}\": \"{value}\" is no value in GVariant's text form: a text in quotes, true, false, a number such as uint64 5, or a list of texts");
}
