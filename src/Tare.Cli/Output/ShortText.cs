namespace Tare.Cli.Output;

/// <summary>Shortens what tables have no room for.</summary>
internal static class ShortText
{
    private const int IdLength = 12;

    /// <summary>An ID without its algorithm, cut to 12 digits.</summary>
    public static string Id(string id)
    {
        string digits = id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return digits.Length > IdLength ? digits[..IdLength] : digits;
    }

    /// <summary>A text of at most so many characters, the last of which is an ellipsis when something was cut off.</summary>
    public static string Ellipsis(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
