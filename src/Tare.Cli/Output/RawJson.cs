using System.Text;

namespace Tare.Cli.Output;

/// <summary>Indents JSON by four spaces without touching a character of its names and values, as <c>docker inspect</c> does.</summary>
internal static class RawJson
{
    private const int Step = 4;

    /// <summary>Indents a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="depth">The depth at which the document stands.</param>
    public static string Indent(string json, int depth)
    {
        StringBuilder output = new(json.Length * 2);
        bool quoted = false;
        for (int i = 0; i < json.Length; i++)
        {
            char letter = json[i];
            if (quoted)
            {
                output.Append(letter);
                if (letter == '\\')
                {
                    output.Append(json[++i]);
                }
                else
                {
                    quoted = letter != '"';
                }

                continue;
            }

            switch (letter)
            {
                case '"':
                    quoted = true;
                    output.Append(letter);
                    break;
                case '{' or '[':
                    output.Append(letter);
                    int next = SkipSpace(json, i + 1);
                    if (next < json.Length && json[next] is '}' or ']')
                    {
                        output.Append(json[next]);
                        i = next;
                    }
                    else
                    {
                        Break(output, ++depth);
                    }

                    break;
                case '}' or ']':
                    Break(output, --depth);
                    output.Append(letter);
                    break;
                case ',':
                    output.Append(letter);
                    Break(output, depth);
                    break;
                case ':':
                    output.Append(": ");
                    break;
                case ' ' or '\t' or '\r' or '\n':
                    break;
                default:
                    output.Append(letter);
                    break;
            }
        }

        return output.ToString();
    }

    private static int SkipSpace(string json, int at)
    {
        while (at < json.Length && char.IsWhiteSpace(json[at]))
        {
            at++;
        }

        return at;
    }

    private static void Break(StringBuilder output, int depth) => output.Append('\n').Append(' ', depth * Step);
}
