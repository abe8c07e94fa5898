using System.Globalization;
using System.Text;

namespace Tare.Cli.Templates;

/// <summary>The verbs of Go's printf that templates use: <c>%s %v %d %q %t %x %f %%</c>, with width, <c>-</c>, <c>0</c> and precision.</summary>
internal static class GoFormat
{
    /// <summary>Formats.</summary>
    public static string Format(string format, List<object?> arguments)
    {
        StringBuilder output = new();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                output.Append(format[i]);
                continue;
            }

            int start = ++i;
            while (i < format.Length - 1 && format[i] is '-' or '+' or ' ' or '0' or '.' or (>= '1' and <= '9'))
            {
                i++;
            }

            if (format[i] == '%')
            {
                output.Append('%');
            }
            else if (next >= arguments.Count)
            {
                output.Append("%!").Append(format[i]).Append("(MISSING)");
            }
            else
            {
                output.Append(One(format[start..i], format[i], arguments[next++]));
            }
        }

        return output.ToString();
    }

    private static string One(string options, char verb, object? value)
    {
        bool left = options.StartsWith('-');
        string sizes = options.TrimStart('-', '+', ' ');
        bool zeros = sizes.StartsWith('0');
        int point = sizes.IndexOf('.', StringComparison.Ordinal);
        _ = int.TryParse(point < 0 ? sizes : sizes[..point], NumberStyles.None, CultureInfo.InvariantCulture, out int width);
        int precision = point >= 0 && int.TryParse(sizes.AsSpan(point + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int digits) ? digits : -1;
        string text = Text(verb, value, precision);
        return left ? text.PadRight(width) : text.PadLeft(width, zeros && verb != 's' ? '0' : ' ');
    }

    private static string Text(char verb, object? value, int precision)
    {
        switch (verb)
        {
            case 's' or 'v' when value is string text:
                return precision >= 0 && precision < text.Length ? text[..precision] : text;
            case 'q':
                return CommandLine.GoQuote.Quote(Values.Print(value));
            case 'x' when value is long number:
                return number.ToString("x", CultureInfo.InvariantCulture);
            case 'f' when value is long or double:
                return Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString($"F{(precision < 0 ? 6 : precision)}", CultureInfo.InvariantCulture);
            case 'd' when value is string text:
                return $"%!d(string={text})";
            case 's' when value is long number:
                return string.Create(CultureInfo.InvariantCulture, $"%!s(int={number})");
            default:
                return Values.Print(value);
        }
    }
}
