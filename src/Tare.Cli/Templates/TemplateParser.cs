using Tare.Cli.CommandLine;

namespace Tare.Cli.Templates;

/// <summary>Reads a template into nodes: text, actions in double braces, and the blocks that keywords open and <c>end</c> closes.</summary>
internal sealed class TemplateParser(string source)
{
    private int _at;
    private bool _trimNext;

    /// <summary>Reads the whole template.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public IReadOnlyList<Node> Parse()
    {
        (List<Node> nodes, List<Token>? closer) = ParseBlock();
        return closer is null ? nodes : throw new TemplateException($"template: :1: unexpected {{{{{closer[0].Text}}}}}");
    }

    // Reads up to the action that closes the block (end, else), which is returned; null at the end of the template.
    private (List<Node> Nodes, List<Token>? Closer) ParseBlock()
    {
        List<Node> nodes = [];
        while (true)
        {
            string text = NextText();
            if (text.Length > 0)
            {
                nodes.Add(new TextNode(text));
            }

            if (_at >= source.Length)
            {
                return (nodes, null);
            }

            List<Token>? action = NextAction();
            if (action is null)
            {
                continue;
            }

            string keyword = action.Count > 0 && action[0].Kind == TokenKind.Word ? action[0].Text : string.Empty;
            switch (keyword)
            {
                case "end" or "else":
                    return (nodes, action);
                case "if" or "with":
                    nodes.Add(ParseIf(action, keyword == "with"));
                    break;
                case "range":
                    nodes.Add(ParseRange(action));
                    break;
                default:
                    nodes.Add(ParseAction(action));
                    break;
            }
        }
    }

    private string NextText()
    {
        int open = source.IndexOf("{{", _at, StringComparison.Ordinal);
        int end = open < 0 ? source.Length : open;
        string text = source[_at..end];
        if (_trimNext)
        {
            text = text.TrimStart();
            _trimNext = false;
        }

        _at = end;
        bool trim = open >= 0 && open + 3 < source.Length && source[open + 2] == '-' && char.IsWhiteSpace(source[open + 3]);
        return trim ? text.TrimEnd() : text;
    }

    // Null for a comment.
    private List<Token>? NextAction()
    {
        int start = _at + 2;
        if (start + 1 < source.Length && source[start] == '-' && char.IsWhiteSpace(source[start + 1]))
        {
            start += 2;
        }

        int close = FindClose(start);
        int end = close;
        if (end - 2 >= start && source[end - 1] == '-' && char.IsWhiteSpace(source[end - 2]))
        {
            end--;
            _trimNext = true;
        }

        _at = close + 2;
        return source.AsSpan(start, end - start).TrimStart().StartsWith("/*") ? null : Lexer.Cut(source, start, end);
    }

    // Braces within quotes do not close an action.
    private int FindClose(int start)
    {
        char quote = '\0';
        for (int i = start; i < source.Length; i++)
        {
            char letter = source[i];
            if (quote != '\0')
            {
                i += letter == '\\' && quote != '`' ? 1 : 0;
                quote = letter == quote ? '\0' : quote;
            }
            else if (letter is '"' or '`' or '\'')
            {
                quote = letter;
            }
            else if (letter == '}' && i + 1 < source.Length && source[i + 1] == '}')
            {
                return i;
            }
        }

        throw new TemplateException(quote == '\0' ? "template: :1: unclosed action" : "template: :1: unterminated quoted string");
    }

    private ActionNode ParseAction(List<Token> action)
    {
        TokenReader reader = new(source, action);
        (string variable, bool declares) = reader.ReadDeclaration();
        return new ActionNode(reader.ReadWholePipeline(), variable, declares);
    }

    private IfNode ParseIf(List<Token> action, bool setsDot)
    {
        TokenReader reader = new(source, action.GetRange(1, action.Count - 1));
        (string variable, bool _) = reader.ReadDeclaration();
        PipelineExpression condition = reader.ReadWholePipeline();
        (List<Node> body, List<Token>? closer) = ParseBlock();
        List<Node> otherwise = ParseElse(closer);
        return new IfNode(condition, variable, setsDot, body, otherwise);
    }

    private RangeNode ParseRange(List<Token> action)
    {
        TokenReader reader = new(source, action.GetRange(1, action.Count - 1));
        (string key, string value) = reader.ReadRangeVariables();
        PipelineExpression over = reader.ReadWholePipeline();
        (List<Node> body, List<Token>? closer) = ParseBlock();
        return new RangeNode(over, key, value, body, ParseElse(closer));
    }

    private List<Node> ParseElse(List<Token>? closer)
    {
        if (closer is null)
        {
            throw new TemplateException("template: :1: unexpected EOF");
        }

        if (closer[0].Text == "end")
        {
            return [];
        }

        if (closer.Count > 1 && closer[1].Text is "if" or "with")
        {
            // "else if" is an if inside the else, and both end with the same "end".
            return [ParseIf(closer.GetRange(1, closer.Count - 1), closer[1].Text == "with")];
        }

        (List<Node> nodes, List<Token>? end) = ParseBlock();
        return end is not null && end[0].Text == "end" ? nodes : throw new TemplateException($"template: :1: expected end; found {GoQuote.Quote("else")}");
    }
}
