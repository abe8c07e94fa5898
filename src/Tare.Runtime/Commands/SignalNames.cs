using System.Globalization;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>Signals by name or number (signal(7), numbers of x86-64 and arm64).</summary>
internal static class SignalNames
{
    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
        "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The number of a signal: <c>9</c>, <c>KILL</c>, <c>SIGKILL</c>, <c>RTMIN+3</c>.</summary>
    /// <exception cref="RuntimeException">There is no such signal.</exception>
    public static int Parse(string text)
    {
        if (int.TryParse(text, CultureInfo.InvariantCulture, out int number))
        {
            return number is >= 0 and <= 64 ? number : throw Unknown(text);
        }

        string name = text.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        int index = name.Length == 0 ? -1 : Array.IndexOf(s_names, name);
        return index > 0 ? index : RealTime(name) ?? throw Unknown(text);
    }

    private static int? RealTime(string name)
    {
        const int Minimum = 34;
        const int Maximum = 64;
        return name switch
        {
            "RTMIN" => Minimum,
            "RTMAX" => Maximum,
            _ when name.StartsWith("RTMIN+", StringComparison.Ordinal) && int.TryParse(name[6..], CultureInfo.InvariantCulture, out int up) && up is >= 0 and <= 30 => Minimum + up,
            _ when name.StartsWith("RTMAX-", StringComparison.Ordinal) && int.TryParse(name[6..], CultureInfo.InvariantCulture, out int down) && down is >= 0 and <= 30 => Maximum - down,
            _ => null,
        };
    }

    private static RuntimeException Unknown(string text) => new(ErrorKind.Invalid, $"unknown signal \"{text}\"");
}
