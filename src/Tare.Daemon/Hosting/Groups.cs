using System.Globalization;
using Tare.Daemon.Options;

namespace Tare.Daemon.Hosting;

/// <summary>Finds the numbers of the machine's groups in <c>/etc/group</c> (group(5)).</summary>
internal static class Groups
{
    /// <summary>The group that installations make for users of the socket.</summary>
    private const string DefaultGroup = "tare";

    /// <summary>The group that may use unix sockets; null leaves the process's own.</summary>
    /// <exception cref="OptionException">The group does not exist.</exception>
    /// <param name="name">Name or number; null takes group tare where it exists.</param>
    public static uint? Resolve(string? name) =>
        name is null ? Find(File.ReadLines("/etc/group"), DefaultGroup)
        : uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number
        : Find(File.ReadLines("/etc/group"), name) ?? throw new OptionException($"group {name} not found");

    /// <summary>Finds a group in the lines of a group file; null when it is not there.</summary>
    public static uint? Find(IEnumerable<string> lines, string name)
    {
        foreach (string line in lines)
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && fields[0] == name && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            {
                return number;
            }
        }

        return null;
    }
}
