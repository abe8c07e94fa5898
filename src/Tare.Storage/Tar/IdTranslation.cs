namespace Tare.Storage.Tar;

/// <summary>Translates owners between archives, which hold the ids that a container sees, and a tree whose ids are mapped by a user namespace.</summary>
/// <param name="users">Ranges of users: first inside, first outside, how many.</param>
/// <param name="groups">Ranges of groups.</param>
public sealed class IdTranslation(IReadOnlyList<(uint Inside, uint Outside, uint Size)> users, IReadOnlyList<(uint Inside, uint Outside, uint Size)> groups)
{
    /// <summary>What the kernel shows of an id that has no counterpart (/proc/sys/kernel/overflowuid).</summary>
    public const uint Nobody = 65534;

    /// <summary>A user of the tree as the container sees it; <see cref="Nobody"/> for one that it does not know.</summary>
    public uint UserInside(uint id) => Find(users, id, fromInside: false) ?? Nobody;

    /// <summary>A group of the tree as the container sees it.</summary>
    public uint GroupInside(uint id) => Find(groups, id, fromInside: false) ?? Nobody;

    /// <summary>A user of the container as the tree has it.</summary>
    /// <exception cref="StorageException">Refused: the container cannot have such a user.</exception>
    public uint UserOutside(uint id) => Find(users, id, fromInside: true) ?? throw Unmapped("user", id);

    /// <summary>A group of the container as the tree has it.</summary>
    /// <exception cref="StorageException">Refused: the container cannot have such a group.</exception>
    public uint GroupOutside(uint id) => Find(groups, id, fromInside: true) ?? throw Unmapped("group", id);

    private static StorageException Unmapped(string kind, uint id) => new(StorageErrorKind.Refused, $"the {kind} {id} is in no range of the container's user namespace");

    private static uint? Find(IReadOnlyList<(uint Inside, uint Outside, uint Size)> ranges, uint id, bool fromInside)
    {
        foreach ((uint inside, uint outside, uint size) in ranges)
        {
            (uint from, uint to) = fromInside ? (inside, outside) : (outside, inside);
            if (id >= from && id - from < size)
            {
                return to + (id - from);
            }
        }

        return null;
    }
}
