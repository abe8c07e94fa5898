using System.Text;

namespace Tare.Cli.Templates;

/// <summary>Cuts an action into words.</summary>
internal static class Lexer
{
    /// <summary>The words of an action.</summary>
    /// <param name="source">The whole template.</param>
    /// <param name="start">Where the action begins, after its braces.</param>
    /// <param name="end">Where it ends.</param>
    /// <exception cref="TemplateException">A character has no meaning.</exception>
    public static List<Token> Cut(string source, int start, int end)
    {
        List<Token> tokens = [];
        int at = start;
        while (at < end)
        {
            char letter = source[at];
            if (char.IsWhiteSpace(letter))
            {
                at++;
                continue;
            }

            bool afterSpace = at == start || char.IsWhiteSpace(source[at - 1]);
            int begin = at;
            (TokenKind kind, string text) = Next(source, ref at, end);
            tokens.Add(new Token(kind, text, begin, afterSpace));
        }

        return tokens;
    }

    private static (TokenKind Kind, string Text) Next(string source, ref int at, int end)
    {
        char letter = source[at];
        if (letter is '"' or '`' or '\'')
        {
            return (letter == '\'' ? TokenKind.Number : TokenKind.Text, Quoted(source, ref at, end));
        }

        if (letter == ':' && at + 1 < end && source[at + 1] == '=')
        {
            at += 2;
            return (TokenKind.Mark, ":=");
        }

        if (letter is '|' or '(' or ')' or ',' or '=')
        {
            at++;
            return (TokenKind.Mark, letter.ToString());
        }

        int begin = at++;
        while (at < end && IsWordLetter(source[at], source[begin]))
        {
            at++;
        }

        string text = source[begin..at];
        return letter switch
        {
            '.' when text.Length == 1 => (TokenKind.Dot, text),
            '.' => (TokenKind.Field, text[1..]),
            '$' => (TokenKind.Variable, text),
            _ when char.IsAsciiDigit(letter) || (letter is '-' or '+' && text.Length > 1) => (TokenKind.Number, text),
            _ when char.IsLetter(letter) || letter == '_' => (TokenKind.Word, text),
            _ => throw new TemplateException($"template: :1: unexpected {CommandLine.GoQuote.Quote(letter.ToString())} in command"),
        };
    }

    private static bool IsWordLetter(char letter, char first) =>
        char.IsLetterOrDigit(letter) || letter == '_' || (letter == '.' && (char.IsAsciiDigit(first) || first is '-' or '+'));

    private static string Quoted(string source, ref int at, int end)
    {
        char quote = source[at++];
        StringBuilder text = new();
        while (at < end && source[at] != quote)
        {
            char letter = source[at++];
            if (letter == '\\' && quote != '`' && at < end)
            {
                letter = source[at++] switch
                {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    var other => other,
                };
            }

            text.Append(letter);
        }

        if (at >= end)
        {
            throw new TemplateException("template: :1: unterminated quoted string");
        }

        at++;
        return quote == '\'' ? ((int)text[0]).ToString(System.Globalization.CultureInfo.InvariantCulture) : text.ToString();
    }
}
