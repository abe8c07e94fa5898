using System.Runtime.InteropServices;

namespace Tare.Runtime.Plan;

/// <summary>A hook as the child runs it: blittable, in the plan's memory (config.md, POSIX-platform hooks).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HookCall
{
    /// <summary>Added to a wait status, in place of an errno in the child's report: the hook ended with it.</summary>
    public const int Ended = 1 << 16;

    /// <summary>In place of an errno: the hook was killed because its time was over.</summary>
    public const int TimedOut = 1 << 17;

    /// <summary>Path of the program.</summary>
    public nint Path;

    /// <summary>The argument vector.</summary>
    public nint Arguments;

    /// <summary>The environment.</summary>
    public nint Environment;

    /// <summary>Descriptor of a file that holds the state; it is read from its beginning.</summary>
    public long Input;

    /// <summary>Descriptor of the file that takes standard output and error; negative leaves them.</summary>
    public long Output;

    /// <summary>How long it may take; 0 sets no limit.</summary>
    public long TimeoutSeconds;

    /// <summary>What such a report says: <c>exit status 1</c>; null for an errno.</summary>
    public static string? Describe(int report)
    {
        if ((report & TimedOut) != 0)
        {
            return "it did not end in time and was killed";
        }

        if ((report & Ended) == 0)
        {
            return null;
        }

        int signal = report & 0x7F;
        return signal == 0 ? $"exit status {(report >> 8) & 0xFF}" : $"killed by signal {signal}";
    }
}
