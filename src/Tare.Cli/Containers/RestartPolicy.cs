using System.Globalization;

namespace Tare.Cli.Containers;

/// <summary>When a container is started again after it exited.</summary>
internal sealed record RestartPolicy(string Name, int MaximumRetryCount)
{
    /// <summary>Reads <c>name[:count]</c>; the daemon checks the name.</summary>
    /// <exception cref="FormatException">The count is no number.</exception>
    public static RestartPolicy Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return new RestartPolicy(text, 0);
        }

        if (colon == 0)
        {
            throw new FormatException("invalid restart policy format: no policy provided before colon");
        }

        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count)
            ? new RestartPolicy(text[..colon], count)
            : throw new FormatException("invalid restart policy format: maximum retry count must be an integer");
    }
}
