namespace Tare.Cli.Containers;

/// <summary>A device of the host that the container may use.</summary>
/// <param name="PathOnHost">The device file of the host.</param>
/// <param name="PathInContainer">Where it appears in the container.</param>
/// <param name="Permissions">What the device cgroup allows: letters of <c>rwm</c>.</param>
internal sealed record DeviceSpecification(string PathOnHost, string PathInContainer, string Permissions)
{
    /// <summary>Whether this is the name of a CDI device, <c>vendor/class=name</c>.</summary>
    public bool IsCdi => PathInContainer.Length == 0;

    /// <summary>Reads <c>host[:container][:rwm]</c>, or the name of a CDI device.</summary>
    /// <exception cref="FormatException">The text is no device.</exception>
    public static DeviceSpecification Parse(string text)
    {
        if (IsCdiName(text))
        {
            return new(text, "", "");
        }

        string[] parts = text.Split(':');
        DeviceSpecification device = parts.Length switch
        {
            1 => new(parts[0], parts[0], "rwm"),
            2 when IsMode(parts[1]) => new(parts[0], parts[0], parts[1]),
            2 => new(parts[0], parts[1], "rwm"),
            3 => new(parts[0], parts[1], parts[2]),
            _ => throw new FormatException($"invalid device specification: {text}"),
        };
        bool valid = device.PathOnHost.Length > 0 && device.PathInContainer.StartsWith('/') && IsMode(device.Permissions);
        return valid ? device : throw new FormatException($"bad format for path: {text}");
    }

    // CNCF container device interface: vendor and class begin and end with a letter or digit, the vendor may hold dots.
    private static bool IsCdiName(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return slash > 0 && equals > slash + 1 && equals < text.Length - 1
            && text[..slash].All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && text[(slash + 1)..equals].All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
    }

    private static bool IsMode(string text) =>
        text.Length is > 0 and <= 3 && text.All(static letter => letter is 'r' or 'w' or 'm') && text.Distinct().Count() == text.Length;
}
