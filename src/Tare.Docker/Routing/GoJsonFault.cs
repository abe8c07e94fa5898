using System.Text;

namespace Tare.Docker.Routing;

/// <summary>Words faults of JSON's syntax as Go's decoder does (encoding/json), which dockerd passes on to its clients.</summary>
internal ref struct GoJsonFault
{
    private readonly ReadOnlySpan<byte> _text;
    private int _at;

    private GoJsonFault(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>What is wrong with the first value of a text; null when its syntax is right.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="hasMore">Whether more than white space and closing brackets follows a value that is right.</param>
    public static string? Find(ReadOnlySpan<byte> text, out bool hasMore)
    {
        GoJsonFault reader = new(text);
        string? fault = reader.Value(depth: 0);
        reader.SkipBlanks();
        hasMore = fault is null && reader._at < text.Length && text[reader._at] is not ((byte)']' or (byte)'}');
        return fault;
    }

    private string? Value(int depth)
    {
        // Go's limit too.
        const int Deepest = 10_000;
        SkipBlanks();
        if (_at == _text.Length)
        {
            return End;
        }

        if (depth > Deepest)
        {
            return "exceeded max depth";
        }

        return _text[_at] switch
        {
            (byte)'{' => Members(depth),
            (byte)'[' => Elements(depth),
            (byte)'"' => String(),
            (byte)'t' => Word("true"),
            (byte)'f' => Word("false"),
            (byte)'n' => Word("null"),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(),
            _ => Wrong("looking for beginning of value"),
        };
    }

    private string? Members(int depth)
    {
        _at++;
        SkipBlanks();
        if (Take('}'))
        {
            return null;
        }

        while (true)
        {
            SkipBlanks();
            if (_at == _text.Length)
            {
                return End;
            }

            if (_text[_at] != '"')
            {
                return Wrong("looking for beginning of object key string");
            }

            if (String() is { } inKey)
            {
                return inKey;
            }

            SkipBlanks();
            if (!Take(':'))
            {
                return Wrong("after object key");
            }

            if (Value(depth + 1) is { } inValue)
            {
                return inValue;
            }

            SkipBlanks();
            if (Take('}'))
            {
                return null;
            }

            if (!Take(','))
            {
                return Wrong("after object key:value pair");
            }
        }
    }

    private string? Elements(int depth)
    {
        _at++;
        SkipBlanks();
        if (Take(']'))
        {
            return null;
        }

        while (true)
        {
            if (Value(depth + 1) is { } inValue)
            {
                return inValue;
            }

            SkipBlanks();
            if (Take(']'))
            {
                return null;
            }

            if (!Take(','))
            {
                return Wrong("after array element");
            }
        }
    }

    private string? String()
    {
        const int HexDigits = 4;
        for (_at++; _at < _text.Length; _at++)
        {
            switch (_text[_at])
            {
                case (byte)'"':
                    _at++;
                    return null;
                case < 0x20:
                    return Wrong("in string literal");
                case (byte)'\\':
                    _at++;
                    if (_at < _text.Length && _text[_at] == 'u')
                    {
                        for (int digit = 0; digit < HexDigits; digit++)
                        {
                            _at++;
                            if (_at == _text.Length || !char.IsAsciiHexDigit((char)_text[_at]))
                            {
                                return Wrong("in \\u hexadecimal character escape");
                            }
                        }
                    }
                    else if (_at == _text.Length || !"bfnrt\\/\""u8.Contains(_text[_at]))
                    {
                        return Wrong("in string escape code");
                    }

                    break;
            }
        }

        return End;
    }

    private string? Word(string word)
    {
        for (int i = 1; i < word.Length; i++)
        {
            _at++;
            if (_at == _text.Length || _text[_at] != word[i])
            {
                return Wrong($"in literal {word} (expecting {Quote((byte)word[i])})");
            }
        }

        _at++;
        return null;
    }

    private string? Number()
    {
        if (Take('-') && !IsDigit())
        {
            return Wrong("in numeric literal");
        }

        // A zero that stands first is the whole of the integer part.
        if (!Take('0'))
        {
            SkipDigits();
        }

        if (Take('.'))
        {
            if (!IsDigit())
            {
                return Wrong("after decimal point in numeric literal");
            }

            SkipDigits();
        }

        if (Take('e') || Take('E'))
        {
            _ = Take('+') || Take('-');
            if (!IsDigit())
            {
                return Wrong("in exponent of numeric literal");
            }

            SkipDigits();
        }

        return null;
    }

    private readonly bool IsDigit() => _at < _text.Length && char.IsAsciiDigit((char)_text[_at]);

    private void SkipDigits()
    {
        while (IsDigit())
        {
            _at++;
        }
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _at++;
        }
    }

    private bool Take(char character)
    {
        if (_at == _text.Length || _text[_at] != character)
        {
            return false;
        }

        _at++;
        return true;
    }

    private const string End = "unexpected EOF";

    private readonly string Wrong(string where) => _at == _text.Length ? End : $"invalid character {Quote(_text[_at])} {where}";

    /// <summary>A byte as Go's scanner quotes it: as the character of that number.</summary>
    private static string Quote(byte value) => value switch
    {
        (byte)'\'' => @"'\''",
        (byte)'"' => "'\"'",
        (byte)'\\' => @"'\\'",
        (byte)'\n' => @"'\n'",
        (byte)'\r' => @"'\r'",
        (byte)'\t' => @"'\t'",
        0x07 => @"'\a'",
        0x08 => @"'\b'",
        0x0b => @"'\v'",
        0x0c => @"'\f'",
        < 0x20 or 0x7f => $"'\\x{value:x2}'",
        (>= 0x80 and <= 0xa0) or 0xad => $"'\\u{(int)value:x4}'",
        _ => $"'{Encoding.Latin1.GetString([value])}'",
    };
}
