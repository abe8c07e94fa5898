using System.Globalization;
using Tare.Linux.Files;

namespace Tare.Runtime.Containers;

/// <summary>The /etc/passwd of a root that is not trusted.</summary>
internal static class PasswordFile
{
    /// <summary>The home directory of a user; null when the file does not name the user.</summary>
    public static string? HomeOf(string root, uint uid)
    {
        string number = uid.ToString(CultureInfo.InvariantCulture);
        foreach (string line in ConfinedFile.TryReadText(root, "/etc/passwd")?.Split('\n') ?? [])
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 6 && fields[2] == number && fields[5].Length > 0)
            {
                return fields[5];
            }
        }

        return null;
    }
}
