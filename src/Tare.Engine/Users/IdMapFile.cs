using System.Globalization;
using Tare.Oci.Runtime;

namespace Tare.Engine.Users;

/// <summary>Reads id maps as the kernel shows them (user_namespaces(7)).</summary>
internal static class IdMapFile
{
    /// <summary>Reads a file such as <c>/proc/PID/uid_map</c>.</summary>
    /// <exception cref="IOException">The process has gone.</exception>
    public static List<IdMapping> Read(string path) => Parse(File.ReadAllText(path));

    /// <summary>Reads the text.</summary>
    public static List<IdMapping> Parse(string text)
    {
        List<IdMapping> maps = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            uint[] numbers = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => uint.Parse(word, CultureInfo.InvariantCulture))];
            maps.Add(new IdMapping { ContainerId = numbers[0], HostId = numbers[1], Size = numbers[2] });
        }

        return maps;
    }
}
