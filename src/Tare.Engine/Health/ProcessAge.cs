using System.Globalization;

namespace Tare.Engine.Health;

/// <summary>How long a process has run, by the kernel's clock that nobody sets: its start in <c>/proc/PID/stat</c> against <c>/proc/uptime</c> (proc(5)).</summary>
internal static class ProcessAge
{
    /// <summary>Ticks of /proc in a second (USER_HZ; 100 on every platform that .NET runs on).</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Field 22, starttime, counted from the one after the name's closing parenthesis.</summary>
    private const int StartTime = 22 - 3;

    /// <summary>The age of a process; zero when it has gone.</summary>
    public static TimeSpan Of(int pid)
    {
        try
        {
            return Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")), File.ReadAllText("/proc/uptime"));
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>Reads the two files' texts.</summary>
    public static TimeSpan Parse(string stat, string uptime)
    {
        // The name may hold blanks and parentheses of its own.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double started = double.Parse(fields[StartTime], CultureInfo.InvariantCulture) / TicksPerSecond;
        double now = double.Parse(uptime.Split(' ')[0], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(Math.Max(0, now - started));
    }
}
