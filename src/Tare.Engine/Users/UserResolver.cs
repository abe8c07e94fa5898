using System.Globalization;
using System.Text;
using Tare.Engine.Errors;

namespace Tare.Engine.Users;

/// <summary>
/// Finds users and groups in an image's /etc/passwd and /etc/group (passwd(5), group(5)), with the rules and texts of the resolver in moby/sys/user.
/// </summary>
internal static class UserResolver
{
    /// <summary>Resolves <c>user[:group]</c> and additional groups.</summary>
    /// <exception cref="EngineException">Internal: a name is not in the image's files, or a number is out of range.</exception>
    /// <param name="spec">The user as written; empty means 0.</param>
    /// <param name="groupAdd">Further groups.</param>
    /// <param name="read">Reads a file of the container's root; null when it is missing.</param>
    public static UserIdentity Resolve(string spec, IEnumerable<string>? groupAdd, Func<string, byte[]?> read)
    {
        int colon = spec.IndexOf(':', StringComparison.Ordinal);
        string userText = colon < 0 ? spec : spec[..colon];
        string groupText = colon < 0 ? "" : spec[(colon + 1)..];
        List<string[]> groups = Lines(read("/etc/group"), 4);
        string wanted = userText.Length == 0 ? "0" : userText;
        string[]? entry = Lines(read("/etc/passwd"), 7).Find(e => e[0] == wanted) ?? FindByNumber(Lines(read("/etc/passwd"), 7), wanted);
        (uint uid, uint gid) = entry is not null
            ? (Number(entry[2]), Number(entry[3]))
            : (NumberOr(wanted, $"unable to find user {wanted}: no matching entries in passwd file"), 0u);
        List<uint> additional = [];
        if (groupText.Length > 0)
        {
            gid = FindGroup(groups, groupText);
        }
        else if (entry is not null)
        {
            additional.AddRange(groups.Where(g => g[3].Split(',').Contains(entry[0])).Select(g => Number(g[2])));
        }

        List<uint> all = [gid];
        foreach (uint group in additional.Concat((groupAdd ?? []).Select(g => FindGroup(groups, g))))
        {
            if (!all.Contains(group))
            {
                all.Add(group);
            }
        }

        return new UserIdentity(uid, gid, all, entry is { } && entry[5].Length > 0 ? entry[5] : "/");
    }

    private static uint FindGroup(List<string[]> groups, string text)
    {
        string[]? entry = groups.Find(g => g[0] == text) ?? FindByNumber(groups, text);
        return entry is not null ? Number(entry[2]) : NumberOr(text, $"unable to find group {text}: no matching entries in group file");
    }

    private static string[]? FindByNumber(List<string[]> entries, string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? entries.Find(e => uint.TryParse(e[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint other) && other == number)
            : null;

    private static uint NumberOr(string text, string message)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            throw EngineErrors.Late(message);
        }

        return number is >= 0 and <= int.MaxValue
            ? (uint)number
            : throw EngineErrors.Late("uids and gids must be in range 0-2147483647");
    }

    private static uint Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : 0;

    private static List<string[]> Lines(byte[]? content, int fields)
    {
        List<string[]> lines = [];
        if (content is null)
        {
            return lines;
        }

        foreach (string line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            string trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            string[] parts = trimmed.Split(':');
            Array.Resize(ref parts, fields);
            for (int i = 0; i < fields; i++)
            {
                parts[i] ??= "";
            }

            lines.Add(parts);
        }

        return lines;
    }
}
