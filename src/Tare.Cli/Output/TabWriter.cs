using System.Text;

namespace Tare.Cli.Output;

/// <summary>Aligns lines whose cells are separated by tabs: every column is as wide as its widest cell plus three, at least ten; the last cell of a line is as it is.</summary>
internal static class TabWriter
{
    private const int Padding = 3;
    private const int LeastWidth = 10;

    /// <summary>Aligns the lines of a text.</summary>
    public static string Align(string text, int leastWidth = LeastWidth)
    {
        string[][] lines = [.. text.Split('\n').Select(static line => line.Split('\t'))];
        StringBuilder output = new(text.Length * 2);
        for (int row = 0; row < lines.Length; row++)
        {
            string[] cells = lines[row];
            for (int column = 0; column < cells.Length; column++)
            {
                output.Append(cells[column]);
                if (column < cells.Length - 1)
                {
                    output.Append(' ', WidthOf(lines, row, column, leastWidth) - Length(cells[column]));
                }
            }

            if (row < lines.Length - 1)
            {
                output.Append('\n');
            }
        }

        return output.ToString();
    }

    // A column is the run of neighbouring lines that have a cell there which a tab ends (Go's text/tabwriter).
    private static int WidthOf(string[][] lines, int row, int column, int leastWidth)
    {
        int first = row;
        while (first > 0 && lines[first - 1].Length > column + 1)
        {
            first--;
        }

        int width = leastWidth;
        for (int line = first; line < lines.Length && lines[line].Length > column + 1; line++)
        {
            width = Math.Max(width, Length(lines[line][column]) + Padding);
        }

        return width;
    }

    private static int Length(string cell)
    {
        int runes = 0;
        foreach (Rune _ in cell.EnumerateRunes())
        {
            runes++;
        }

        return runes;
    }
}
