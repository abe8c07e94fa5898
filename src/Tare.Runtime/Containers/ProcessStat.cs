using System.Globalization;

namespace Tare.Runtime.Containers;

/// <summary>What /proc/PID/stat tells of a process (proc(5)).</summary>
/// <param name="IsEnded">Whether it is a zombie or dead.</param>
/// <param name="StartTicks">Its start in clock ticks after boot.</param>
internal readonly record struct ProcessStat(bool IsEnded, ulong StartTicks)
{
    /// <summary>Reads it; null when there is no such process.</summary>
    public static ProcessStat? Read(int pid)
    {
        string? text = Linux.Cgroups.CgroupFile.TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        return text is null ? null : Parse(text);
    }

    /// <summary>Reads the line. The command's name may hold blanks and parentheses, so fields are counted from its last parenthesis.</summary>
    public static ProcessStat? Parse(string text)
    {
        int end = text.LastIndexOf(')');
        if (end < 0)
        {
            return null;
        }

        string[] fields = text[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 20 ? null : new ProcessStat(fields[0] is "Z" or "X", ulong.Parse(fields[19], CultureInfo.InvariantCulture));
    }
}
