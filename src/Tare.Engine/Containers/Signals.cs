using System.Collections.Frozen;
using System.Globalization;
using Tare.Engine.Errors;

namespace Tare.Engine.Containers;

/// <summary>Names of signals as Docker's commands take them: with or without SIG, in any case, or a number (signal(7), x86 and arm numbers).</summary>
internal static class Signals
{
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    private const int RealTimeFirst = 34;
    private const int RealTimeLast = 64;

    private static readonly FrozenDictionary<string, int> s_numbers = new Dictionary<string, int>
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ILL"] = 4,
        ["TRAP"] = 5,
        ["ABRT"] = 6,
        ["IOT"] = 6,
        ["BUS"] = 7,
        ["FPE"] = 8,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["SEGV"] = 11,
        ["USR2"] = 12,
        ["PIPE"] = 13,
        ["ALRM"] = 14,
        ["TERM"] = 15,
        ["STKFLT"] = 16,
        ["CHLD"] = 17,
        ["CLD"] = 17,
        ["CONT"] = 18,
        ["STOP"] = 19,
        ["TSTP"] = 20,
        ["TTIN"] = 21,
        ["TTOU"] = 22,
        ["URG"] = 23,
        ["XCPU"] = 24,
        ["XFSZ"] = 25,
        ["VTALRM"] = 26,
        ["PROF"] = 27,
        ["WINCH"] = 28,
        ["IO"] = 29,
        ["POLL"] = 29,
        ["PWR"] = 30,
        ["SYS"] = 31,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds the number of a signal.</summary>
    /// <exception cref="EngineException">InvalidArgument: <c>invalid signal: x</c>.</exception>
    public static int Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number switch
            {
                <= 0 => throw EngineErrors.InvalidSignal(text),
                > RealTimeLast => throw new EngineException(ErrorClass.InvalidArgument, $"the linux daemon does not support signal {text}"),
                _ => number,
            };
        }

        string name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (s_numbers.TryGetValue(name, out number) || TryParseRealTime(name, out number))
        {
            return number;
        }

        throw EngineErrors.InvalidSignal(text);
    }

    /// <summary>Reads <c>RTMIN</c>, <c>RTMIN+n</c>, <c>RTMAX</c> and <c>RTMAX-n</c>.</summary>
    private static bool TryParseRealTime(string name, out int number)
    {
        number = 0;
        int sign;
        if (name.StartsWith("RTMIN", StringComparison.OrdinalIgnoreCase))
        {
            (number, sign) = (RealTimeFirst, 1);
        }
        else if (name.StartsWith("RTMAX", StringComparison.OrdinalIgnoreCase))
        {
            (number, sign) = (RealTimeLast, -1);
        }
        else
        {
            return false;
        }

        if (name.Length == 5)
        {
            return true;
        }

        if (name[5] != (sign > 0 ? '+' : '-') || !int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int offset))
        {
            return false;
        }

        number += sign * offset;
        return number is >= RealTimeFirst and <= RealTimeLast;
    }
}
