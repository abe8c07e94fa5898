namespace Tare.Cli.Templates;

/// <summary>The kinds of words inside an action.</summary>
internal enum TokenKind
{
    /// <summary>A name: function, keyword or literal word.</summary>
    Word,

    /// <summary>A field with its dot.</summary>
    Field,

    /// <summary>A variable with its dollar sign.</summary>
    Variable,

    /// <summary>A quoted text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>The dot alone.</summary>
    Dot,

    /// <summary>One of <c>| ( ) , := =</c>.</summary>
    Mark,
}

/// <summary>A word inside an action.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text without marks.</param>
/// <param name="Offset">Where it stands in the template.</param>
/// <param name="AfterSpace">Whether a space stands before it; <c>.a .b</c> are two operands, <c>.a.b</c> is one.</param>
internal sealed record Token(TokenKind Kind, string Text, int Offset, bool AfterSpace);
