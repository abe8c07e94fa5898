using System.Globalization;

namespace Tare.Engine.Machine;

/// <summary>Lists of processors and memory nodes as the kernel writes them: <c>0-3,7</c> (cpuset(7), "List format").</summary>
internal static class CpuList
{
    /// <summary>Most numbers that are believed, as in Docker: a longer range is a mistake or an attack.</summary>
    private const int Highest = 8192;

    /// <summary>Reads a list; an empty text is an empty set. False for a wrong one.</summary>
    public static bool TryParse(string text, out SortedSet<int> numbers)
    {
        numbers = [];
        if (text.Length == 0)
        {
            return true;
        }

        foreach (string part in text.Split(','))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            string first = dash < 0 ? part : part[..dash];
            string last = dash < 0 ? part : part[(dash + 1)..];
            if (!TryNumber(first, out int from) || !TryNumber(last, out int to) || from > to)
            {
                return false;
            }

            for (int n = from; n <= to; n++)
            {
                numbers.Add(n);
            }
        }

        return true;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Highest;
}
