using System.Globalization;
using Tare.Engine.Errors;
using Tare.Oci.Runtime;

namespace Tare.Engine.Users;

/// <summary>Reads what <c>userns-remap</c> names from the machine's files: user and group (passwd(5), group(5)), and their ranges (subuid(5), subgid(5)); texts are dockerd's.</summary>
/// <param name="read">Reads a file by its path; null when it is missing.</param>
internal sealed class SubordinateIds(Func<string, string?> read)
{
    /// <summary>The word for the user that the daemon has for the purpose.</summary>
    public const string Default = "default";

    /// <summary>That user's name, and its group's.</summary>
    public const string DefaultUser = "dockremap";

    /// <summary>Finds the user and the group that are meant: <c>default</c>, <c>USER</c>, <c>UID</c>, <c>USER:GROUP</c>, <c>UID:GID</c>.</summary>
    /// <exception cref="EngineException">InvalidArgument: there is no such user or group.</exception>
    public (string User, string Group) Parse(string text)
    {
        string[] words = text.Split(':');
        if (words.Length > 2)
        {
            EngineErrors.ThrowInvalid($"invalid user/group specification in --userns-remap: \"{text}\"");
        }

        string user = UserOf(words[0]);
        if (words.Length == 1)
        {
            return (user, TryNumber(words[0]) is { } same
                ? Find("/etc/group", e => IdOf(e) == same) ?? throw Invalid($"Gid {same} has no entry in /etc/group")
                : Find("/etc/group", e => e[0] == user) ?? throw Invalid($"error during gid lookup for \"{user}\": no such group"));
        }

        return (user, TryNumber(words[1]) is { } gid
            ? Find("/etc/group", e => IdOf(e) == gid) ?? throw Invalid($"Gid {gid} has no entry in /etc/group")
            : Find("/etc/group", e => e[0] == words[1]) ?? throw Invalid($"error during groupname lookup for \"{words[1]}\": no such group"));
    }

    /// <summary>Whether the machine has a user of this name.</summary>
    public bool HasUser(string name) => Find("/etc/passwd", e => e[0] == name) is not null;

    /// <summary>Whether both files give the user ranges.</summary>
    public bool HasRanges(string user) => Ranges("/etc/subuid", user).Count > 0 && Ranges("/etc/subgid", user).Count > 0;

    /// <summary>The first id that no range of either file reaches, from 100000 on (the SUB_UID_MIN of login.defs(5)).</summary>
    public uint FirstFree()
    {
        const uint Smallest = 100000;
        return Entries("/etc/subuid").Concat(Entries("/etc/subgid")).Select(range => range.Start + range.Size).Append(Smallest).Max();
    }

    /// <summary>The maps of a user's ranges: ids inside count on from range to range.</summary>
    /// <exception cref="EngineException">InvalidArgument: the user has no ranges. The group's are those of the user's name, too.</exception>
    public (List<IdMapping> Uids, List<IdMapping> Gids) MapsOf(string user)
    {
        List<IdMapping> uids = Map(Ranges("/etc/subuid", user));
        List<IdMapping> gids = Map(Ranges("/etc/subgid", user));
        return uids.Count == 0 ? throw Invalid($"Can't create ID mappings: no subuid ranges found for user \"{user}\"")
            : gids.Count == 0 ? throw Invalid($"Can't create ID mappings: no subgid ranges found for group \"{user}\"")
            : (uids, gids);
    }

    private static EngineException Invalid(string message) => new(ErrorClass.InvalidArgument, message);

    private static uint? TryNumber(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number <= int.MaxValue ? number : null;

    private static uint? IdOf(string[] entry) => entry.Length > 2 ? TryNumber(entry[2]) : null;

    private static List<IdMapping> Map(List<(uint Start, uint Size)> ranges)
    {
        List<IdMapping> maps = [];
        uint inside = 0;
        foreach ((uint start, uint size) in ranges)
        {
            maps.Add(new IdMapping { ContainerId = inside, HostId = start, Size = size });
            inside += size;
        }

        return maps;
    }

    private string UserOf(string word)
    {
        if (TryNumber(word) is { } uid)
        {
            return Find("/etc/passwd", e => IdOf(e) == uid) ?? throw Invalid($"Uid {uid} has no entry in /etc/passwd");
        }

        string name = word == Default ? DefaultUser : word;
        return HasUser(name) ? name : throw Invalid($"error during uid lookup for \"{name}\": no such user");
    }

    private string? Find(string file, Predicate<string[]> match) => Lines(file).Find(match)?[0];

    // A user is named by name or by number (subuid(5)).
    private List<(uint Start, uint Size)> Ranges(string file, string user)
    {
        string? number = Lines("/etc/passwd").Find(e => e[0] == user) is { Length: > 2 } entry ? entry[2] : null;
        return [.. Entries(file).Where(range => range.Owner == user || range.Owner == number).Select(range => (range.Start, range.Size))];
    }

    private IEnumerable<(string Owner, uint Start, uint Size)> Entries(string file)
    {
        foreach (string[] entry in Lines(file))
        {
            if (entry.Length == 3 && uint.TryParse(entry[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint start)
                && uint.TryParse(entry[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint size) && size > 0 && start <= uint.MaxValue - size)
            {
                yield return (entry[0], start, size);
            }
        }
    }

    private List<string[]> Lines(string file)
        => [.. (read(file) ?? "").Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split(':'))];
}
