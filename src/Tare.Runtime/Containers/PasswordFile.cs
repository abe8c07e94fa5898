using System.Globalization;
using Tare.Linux.Files;

namespace Tare.Runtime.Containers;

/// <summary>The /etc/passwd of a root that is not trusted.</summary>
internal static class PasswordFile
{
    /// <summary>The name of this process's user on the host, or the number without one; empty for root.</summary>
    public static string OwnName()
    {
        uint uid = Linux.Interop.Libc.geteuid();
        if (uid == 0)
        {
            return "";
        }

        string number = uid.ToString(CultureInfo.InvariantCulture);
        string? line = Array.Find(ConfinedFile.TryReadText("/", "/etc/passwd")?.Split('\n') ?? [], line => line.Split(':') is { Length: > 2 } fields && fields[2] == number);
        return line?[..line.IndexOf(':', StringComparison.Ordinal)] ?? number;
    }

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
