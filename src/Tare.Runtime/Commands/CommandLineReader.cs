using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>
/// Reads a command line as runc's callers write it: <c>--flag</c>, <c>--flag=value</c>, <c>--flag value</c>, one dash or two, short names. Small on
/// purpose: a general parser would cost a tenth of a container's start.
/// </summary>
internal sealed class CommandLineReader
{
    private readonly string[] _arguments;
    private readonly bool _interspersed;
    private readonly List<string> _positional = [];
    private int _next;

    /// <summary>Reads from a place on.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="start">The place.</param>
    /// <param name="interspersed">Whether options may stand behind positional arguments too, as in <c>delete ID --force</c>.</param>
    public CommandLineReader(string[] arguments, int start, bool interspersed = false)
    {
        _arguments = arguments;
        _next = start;
        _interspersed = interspersed;
    }

    /// <summary>Name of the option that was just read, without dashes.</summary>
    public string Option { get; private set; } = "";

    private string? _attached;

    /// <summary>Reads the next option. False behind "--", at the end, and at the first positional argument unless options may follow it.</summary>
    public bool NextOption()
    {
        RejectUnusedValue();
        while (_interspersed && _next < _arguments.Length && !IsOption(_arguments[_next]))
        {
            _positional.Add(_arguments[_next++]);
        }

        if (_next >= _arguments.Length || !IsOption(_arguments[_next]))
        {
            return false;
        }

        string argument = _arguments[_next++];
        if (argument == "--")
        {
            return false;
        }

        string body = argument.TrimStart('-');
        int equals = body.IndexOf('=', StringComparison.Ordinal);
        Option = equals < 0 ? body : body[..equals];
        _attached = equals < 0 ? null : body[(equals + 1)..];
        return true;
    }

    /// <summary>The value of the option.</summary>
    /// <exception cref="RuntimeException">There is none.</exception>
    public string Value()
    {
        string? value = _attached ?? (_next < _arguments.Length ? _arguments[_next++] : null);
        _attached = null;
        return value ?? throw new RuntimeException(ErrorKind.Invalid, $"flag needs an argument: -{Option}");
    }

    /// <summary>A flag, which may have the value true or false.</summary>
    /// <exception cref="RuntimeException">Its value is another.</exception>
    public bool Flag()
    {
        string? value = _attached;
        _attached = null;
        return value switch
        {
            null or "true" or "1" => true,
            "false" or "0" => false,
            _ => throw new RuntimeException(ErrorKind.Invalid, $"invalid boolean value \"{value}\" for -{Option}"),
        };
    }

    /// <summary>A number.</summary>
    /// <exception cref="RuntimeException">The value is no number.</exception>
    public int Number()
    {
        string text = Value();
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= 0
            ? number
            : throw new RuntimeException(ErrorKind.Invalid, $"invalid value \"{text}\" for flag -{Option}");
    }

    /// <summary>The error of an option that the command does not have.</summary>
    public RuntimeException Unknown(string command) => new(ErrorKind.Invalid, $"flag provided but not defined: -{Option}\nUsage: tare-runtime help {command}");

    /// <summary>What is left: positional arguments.</summary>
    public string[] Rest()
    {
        RejectUnusedValue();
        string[] rest = [.. _positional, .. _arguments[_next..]];
        _next = _arguments.Length;
        return rest;
    }

    /// <summary>The only positional argument.</summary>
    /// <exception cref="RuntimeException">There is none, or there are more.</exception>
    public string Single(string command, string what)
    {
        string[] rest = Rest();
        return rest.Length == 1 ? rest[0] : throw new RuntimeException(ErrorKind.Invalid, $"tare-runtime: \"{command}\" requires exactly 1 argument: {what}");
    }

    /// <summary>Checks that no positional argument is left.</summary>
    /// <exception cref="RuntimeException">There is one.</exception>
    public void None(string command)
    {
        if (Rest().Length > 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"tare-runtime: \"{command}\" requires exactly 0 arguments");
        }
    }

    private static bool IsOption(string argument) => argument.Length >= 2 && argument[0] == '-';

    private void RejectUnusedValue()
    {
        if (_attached is not null)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"-{Option} takes no value");
        }
    }
}
