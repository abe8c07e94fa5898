using System.Globalization;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Templates;

/// <summary>Reads the words of one action into expressions.</summary>
internal sealed class TokenReader(string source, List<Token> tokens)
{
    private int _at;

    private Token? Current => _at < tokens.Count ? tokens[_at] : null;

    /// <summary>Reads <c>$x :=</c> or <c>$x =</c>, if it is there.</summary>
    public (string Variable, bool Declares) ReadDeclaration()
    {
        if (tokens.Count > 1 && tokens[0].Kind == TokenKind.Variable && tokens[1] is { Kind: TokenKind.Mark, Text: ":=" or "=" })
        {
            _at = 2;
            return (tokens[0].Text, tokens[1].Text == ":=");
        }

        return (string.Empty, false);
    }

    /// <summary>Reads <c>$v :=</c> or <c>$k, $v :=</c>, if it is there.</summary>
    public (string Key, string Value) ReadRangeVariables()
    {
        int mark = tokens.FindIndex(static token => token is { Kind: TokenKind.Mark, Text: ":=" or "=" });
        if (mark == 1)
        {
            _at = 2;
            return (string.Empty, tokens[0].Text);
        }

        if (mark == 3 && tokens[1].Text == ",")
        {
            _at = 4;
            return (tokens[0].Text, tokens[2].Text);
        }

        return (string.Empty, string.Empty);
    }

    /// <summary>Reads a pipeline to the end of the action.</summary>
    /// <exception cref="TemplateException">There is none, or something stands behind it.</exception>
    public PipelineExpression ReadWholePipeline()
    {
        if (Current is null)
        {
            throw new TemplateException("template: :1: missing value for command");
        }

        PipelineExpression pipeline = ReadPipeline();
        return Current is null ? pipeline : throw new TemplateException($"template: :1: unexpected {GoQuote.Quote(Current.Text)} in command");
    }

    private PipelineExpression ReadPipeline()
    {
        List<CommandExpression> commands = [ReadCommand()];
        while (Current is { Kind: TokenKind.Mark, Text: "|" })
        {
            _at++;
            commands.Add(ReadCommand());
        }

        return new PipelineExpression(commands);
    }

    private CommandExpression ReadCommand()
    {
        string function = string.Empty;
        if (Current is { Kind: TokenKind.Word } word && word.Text is not ("true" or "false" or "nil"))
        {
            function = Functions.Exists(word.Text) ? word.Text : throw new TemplateException($"template: :1: function {GoQuote.Quote(word.Text)} not defined");
            _at++;
        }

        List<Expression> operands = [];
        while (Current is { } token && token is not { Kind: TokenKind.Mark, Text: "|" or ")" })
        {
            operands.Add(ReadOperand());
        }

        return function.Length > 0 || operands.Count > 0 ? new CommandExpression(function, operands) : throw new TemplateException("template: :1: missing value for command");
    }

    private Expression ReadOperand()
    {
        Token token = tokens[_at++];
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new LiteralExpression(token.Text);
            case TokenKind.Number:
                return new LiteralExpression(Number(token.Text));
            case TokenKind.Dot:
                return new ChainExpression(null, [], ".", token.Offset);
            case TokenKind.Field:
                return ReadChain(null, token, [token.Text]);
            case TokenKind.Variable:
                return ReadChain(new VariableExpression(token.Text), token, []);
            case TokenKind.Word when token.Text is "true" or "false":
                return new LiteralExpression(token.Text == "true");
            case TokenKind.Word when token.Text == "nil":
                return new LiteralExpression(null);
            case TokenKind.Word when Functions.Exists(token.Text):
                return new PipelineExpression([new CommandExpression(token.Text, [])]);
            case TokenKind.Word:
                throw new TemplateException($"template: :1: function {GoQuote.Quote(token.Text)} not defined");
            case TokenKind.Mark when token.Text == "(":
                PipelineExpression inner = ReadPipeline();
                if (Current is not { Kind: TokenKind.Mark, Text: ")" })
                {
                    throw new TemplateException("template: :1: unclosed left paren");
                }

                _at++;
                return ReadChain(inner, token, []);
            default:
                throw new TemplateException($"template: :1: unexpected {GoQuote.Quote(token.Text)} in operand");
        }
    }

    private ChainExpression ReadChain(Expression? root, Token first, List<string> fields)
    {
        int offset = first.Offset;
        bool any = false;
        while (Current is { Kind: TokenKind.Field, AfterSpace: false } field)
        {
            // Messages name the place of the second field, as Go's parser does.
            offset = any ? offset : field.Offset;
            any = true;
            fields.Add(field.Text);
            _at++;
        }

        Token last = tokens[_at - 1];
        int end = last.Offset + last.Text.Length + (last.Kind == TokenKind.Field ? 1 : 0);
        return new ChainExpression(root, fields, source[first.Offset..Math.Min(end, source.Length)], offset);
    }

    private static object Number(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            return whole;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new TemplateException($"template: :1: bad number syntax: {GoQuote.Quote(text)}");
    }
}
