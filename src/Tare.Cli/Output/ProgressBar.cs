using System.Text.Json;

namespace Tare.Cli.Output;

/// <summary>Draws how far a layer has come: <c>[=====>    ]  12.3MB/45MB</c>.</summary>
internal static class ProgressBar
{
    private const int Cells = 50;
    private const int LeastColumnsForBar = 110;

    /// <summary>Draws <c>progressDetail</c>.</summary>
    /// <param name="detail">The member <c>progressDetail</c> of a message.</param>
    /// <param name="columns">The width of the terminal; the bar is left out below 110.</param>
    /// <returns>The text; empty when the detail holds no numbers.</returns>
    public static string Format(JsonElement detail, int columns)
    {
        long current = Number(detail, "current");
        long total = Number(detail, "total");
        if (current <= 0 && total <= 0)
        {
            return string.Empty;
        }

        string done = SizeText.Human(current);
        if (total <= 0)
        {
            return done.PadLeft(8);
        }

        string numbers = $"{done.PadLeft(8)}/{SizeText.Human(total)}";
        if (columns <= LeastColumnsForBar)
        {
            return numbers;
        }

        int filled = (int)Math.Min(Cells, current * 100.0 / total / 2);
        return $"[{new string('=', filled)}>{new string(' ', Cells - filled)}] {numbers}";
    }

    private static long Number(JsonElement detail, string name) =>
        detail.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : 0;
}
