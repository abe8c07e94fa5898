using System.Text;

namespace Tare.Cli.Containers;

/// <summary>One line of comma-separated values; a field in double quotes may hold commas, two quotes stand for one (RFC 4180).</summary>
internal static class CsvLine
{
    /// <summary>The fields.</summary>
    /// <exception cref="FormatException">A quote is not closed.</exception>
    public static List<string> Split(string text)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (quoted && letter == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (letter == '"' && (quoted || field.Length == 0))
            {
                quoted = !quoted;
            }
            else if (letter == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(letter);
            }
        }

        fields.Add(field.ToString());
        return quoted ? throw new FormatException("parse error on line 1: extraneous or missing \" in quoted-field") : fields;
    }
}
