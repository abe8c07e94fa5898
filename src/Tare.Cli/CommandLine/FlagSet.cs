using System.Globalization;

namespace Tare.Cli.CommandLine;

/// <summary>
/// The options of one command, and the reading of a command line against them by the rules that Docker's users know: <c>--name value</c>, <c>--name=value</c>,
/// <c>-n value</c>, <c>-nvalue</c>, <c>-n=value</c>, switches bundled as <c>-ti</c>, <c>--</c> ends the options.
/// </summary>
internal sealed class FlagSet
{
    private readonly List<Flag> _flags = [];

    /// <summary>The options in the order of their definition.</summary>
    public IReadOnlyList<Flag> Flags => _flags;

    /// <summary>Whether <c>--help</c> was met.</summary>
    public bool HelpRequested { get; private set; }

    /// <summary>Adds an option and returns it.</summary>
    public T Add<T>(T flag)
        where T : Flag
    {
        _flags.Add(flag);
        return flag;
    }

    /// <summary>A switch: absent is false.</summary>
    public ValueFlag<bool> Switch(string name, char shorthand, string description, bool initial = false, bool hidden = false) =>
        Add(new ValueFlag<bool>(name, shorthand, string.Empty, description, initial, FlagValues.Boolean)
        {
            Bare = "true",
            DefaultText = initial ? "true" : null,
            Hidden = hidden,
        });

    /// <summary>A text; absent is the given default.</summary>
    public ValueFlag<string> Text(string name, char shorthand, string description, string initial = "") =>
        Add(new ValueFlag<string>(name, shorthand, "string", description, initial, static text => text)
        {
            DefaultText = initial.Length == 0 ? null : $"\"{initial}\"",
        });

    /// <summary>A whole number; absent is the given default.</summary>
    public ValueFlag<long> Integer(string name, char shorthand, string description, long initial = 0) =>
        Add(new ValueFlag<long>(name, shorthand, "int", description, initial, FlagValues.Integer)
        {
            DefaultText = initial == 0 ? null : initial.ToString(CultureInfo.InvariantCulture),
        });

    /// <summary>A size in bytes, written as in <c>64m</c>; absent is 0.</summary>
    public ValueFlag<long> Bytes(string name, char shorthand, string description) =>
        Add(new ValueFlag<long>(name, shorthand, "bytes", description, 0, ByteSize.Parse));

    /// <summary>Texts that add up.</summary>
    public ListFlag<string> List(string name, char shorthand, string description, Func<string, string>? check = null) =>
        Add(new ListFlag<string>(name, shorthand, "list", description, check ?? (static text => text)));

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">What follows the name of the command.</param>
    /// <param name="interspersed">Whether options may follow arguments; if not, the first argument ends the options.</param>
    /// <returns>The arguments that are not options.</returns>
    /// <exception cref="UsageException">An option is unknown, lacks its value or has a bad one.</exception>
    public List<string> Parse(ReadOnlySpan<string> arguments, bool interspersed)
    {
        List<string> positional = [];
        for (int i = 0; i < arguments.Length && !HelpRequested; i++)
        {
            string argument = arguments[i];
            if (argument == "--")
            {
                positional.AddRange(arguments[(i + 1)..]);
                break;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                if (!interspersed)
                {
                    positional.AddRange(arguments[i..]);
                    break;
                }

                positional.Add(argument);
            }
            else if (argument[1] == '-')
            {
                ParseLong(argument, arguments, ref i);
            }
            else
            {
                ParseShort(argument, arguments, ref i);
            }
        }

        return positional;
    }

    private void ParseLong(string argument, ReadOnlySpan<string> arguments, ref int index)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? argument[2..] : argument[2..equals];
        if (name.Length == 0 || name[0] == '-')
        {
            throw new UsageException($"bad flag syntax: {argument}");
        }

        Flag? flag = _flags.Find(candidate => candidate.Name == name);
        if (flag is null)
        {
            if (name == "help")
            {
                HelpRequested = true;
                return;
            }

            throw new UsageException($"unknown flag: --{name}");
        }

        if (equals >= 0)
        {
            Accept(flag, argument[(equals + 1)..]);
        }
        else if (flag.BareValue is { } bare)
        {
            Accept(flag, bare);
        }
        else if (index + 1 < arguments.Length)
        {
            Accept(flag, arguments[++index]);
        }
        else
        {
            throw new UsageException($"flag needs an argument: --{name}");
        }
    }

    private void ParseShort(string argument, ReadOnlySpan<string> arguments, ref int index)
    {
        for (int at = 1; at < argument.Length; at++)
        {
            char letter = argument[at];
            Flag? flag = _flags.Find(candidate => candidate.Shorthand == letter);
            if (flag is null)
            {
                if (letter == 'h')
                {
                    HelpRequested = true;
                    return;
                }

                throw new UsageException($"unknown shorthand flag: '{letter}' in -{argument[at..]}");
            }

            if (at + 2 < argument.Length && argument[at + 1] == '=')
            {
                Accept(flag, argument[(at + 2)..]);
                return;
            }

            if (flag.BareValue is { } bare)
            {
                Accept(flag, bare);
                continue;
            }

            if (at + 1 < argument.Length)
            {
                Accept(flag, argument[(at + 1)..]);
            }
            else if (index + 1 < arguments.Length)
            {
                Accept(flag, arguments[++index]);
            }
            else
            {
                throw new UsageException($"flag needs an argument: '{letter}' in -{argument[at..]}");
            }

            return;
        }
    }

    private static void Accept(Flag flag, string text)
    {
        try
        {
            flag.Accept(text);
        }
        catch (FormatException reason)
        {
            throw new UsageException($"invalid argument {GoQuote.Quote(text)} for \"{flag.DisplayName}\" flag: {reason.Message}");
        }
    }
}
