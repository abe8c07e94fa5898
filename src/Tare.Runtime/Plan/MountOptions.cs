using Tare.Linux.Mounts;

namespace Tare.Runtime.Plan;

/// <summary>Options of an OCI mount, sorted by what makes them: attributes of the mount, propagation, data of the file system (config.md, Linux mount options).</summary>
internal sealed class MountOptions
{
    private static readonly Dictionary<string, (MountAttributes Set, MountAttributes Clear)> s_attributes = new(StringComparer.Ordinal)
    {
        ["ro"] = (MountAttributes.ReadOnly, 0),
        ["rw"] = (0, MountAttributes.ReadOnly),
        ["nosuid"] = (MountAttributes.NoSuid, 0),
        ["suid"] = (0, MountAttributes.NoSuid),
        ["nodev"] = (MountAttributes.NoDev, 0),
        ["dev"] = (0, MountAttributes.NoDev),
        ["noexec"] = (MountAttributes.NoExec, 0),
        ["exec"] = (0, MountAttributes.NoExec),
        ["nosymfollow"] = (MountAttributes.NoSymbolicLinkFollow, 0),
        ["symfollow"] = (0, MountAttributes.NoSymbolicLinkFollow),
        ["nodiratime"] = (MountAttributes.NoDirectoryAccessTime, 0),
        ["diratime"] = (0, MountAttributes.NoDirectoryAccessTime),
        ["noatime"] = (MountAttributes.NoAccessTime, MountAttributes.AccessTimeMask),
        ["atime"] = (0, MountAttributes.AccessTimeMask),
        ["relatime"] = (0, MountAttributes.AccessTimeMask),
        ["norelatime"] = (0, MountAttributes.AccessTimeMask),
        ["strictatime"] = (MountAttributes.StrictAccessTime, MountAttributes.AccessTimeMask),
        ["nostrictatime"] = (0, MountAttributes.AccessTimeMask),
    };

    private static readonly Dictionary<string, ulong> s_propagation = new(StringComparer.Ordinal)
    {
        ["private"] = MountApi.Private,
        ["shared"] = MountApi.Shared,
        ["slave"] = MountApi.Slave,
        ["unbindable"] = MountApi.Unbindable,
    };

    // Flags of the superblock: fsconfig(2) takes them by these names, mount(2) by these bits; their opposites are the default.
    private static readonly Dictionary<string, ulong> s_superblockFlags = new(StringComparer.Ordinal) { ["sync"] = 1 << 4, ["dirsync"] = 1 << 7, ["lazytime"] = 1 << 25, ["mand"] = 1 << 6 };

    private static readonly HashSet<string> s_defaults = new(StringComparer.Ordinal)
    {
        "defaults", "async", "nomand", "nolazytime", "loud", "silent", "iversion", "noiversion",
    };

    private MountOptions()
    {
    }

    /// <summary>The options that are not left to the file system, in order of the alphabet.</summary>
    public static IReadOnlyList<string> Known =>
    [
        .. s_attributes.Keys.Concat(["bind", "rbind", "remount", "idmap", "ridmap", "tmpcopyup"]).Concat(s_attributes.Keys.Select(name => "r" + name))
            .Concat(s_propagation.Keys).Concat(s_propagation.Keys.Select(name => "r" + name)).Concat(s_superblockFlags.Keys).Concat(s_defaults)
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>A bind mount.</summary>
    public bool Bind { get; private set; }

    /// <summary>A bind mount with everything mounted below.</summary>
    public bool RecursiveBind { get; private set; }

    /// <summary>Maps the ids of the mount's files.</summary>
    public bool IdMap { get; private set; }

    /// <summary>Maps the ids of the whole tree.</summary>
    public bool RecursiveIdMap { get; private set; }

    /// <summary>Fills a new tmpfs with what the image has at its place.</summary>
    public bool CopyUp { get; private set; }

    /// <summary>Changes a mount that is there.</summary>
    public bool Remount { get; private set; }

    /// <summary>Attributes to set on the mount.</summary>
    public MountAttributes Set { get; private set; }

    /// <summary>Attributes to clear on the mount.</summary>
    public MountAttributes Clear { get; private set; }

    /// <summary>Attributes to set on the whole tree.</summary>
    public MountAttributes RecursiveSet { get; private set; }

    /// <summary>Attributes to clear on the whole tree.</summary>
    public MountAttributes RecursiveClear { get; private set; }

    /// <summary>Propagation types to set in their order: the MS_ flag, and whether for the whole tree.</summary>
    public List<(ulong Type, bool Recursive)> Propagation { get; } = [];

    /// <summary>What is left for the file system: names, with a value or without.</summary>
    public List<(string Name, string? Value)> Data { get; } = [];

    /// <summary>Sorts the options of a mount.</summary>
    /// <exception cref="FormatException">An option is empty.</exception>
    public static MountOptions Parse(IReadOnlyList<string>? options)
    {
        MountOptions parsed = new();
        foreach (string option in options ?? [])
        {
            parsed.Add(option);
        }

        return parsed;
    }

    /// <summary>The flag of mount(2) that an option of <see cref="Data"/> is; 0 for the file system's own.</summary>
    public static ulong SuperblockFlagOf((string Name, string? Value) option) => option.Value is null ? s_superblockFlags.GetValueOrDefault(option.Name) : 0;

    private void Add(string option)
    {
        if (s_attributes.TryGetValue(option, out (MountAttributes Set, MountAttributes Clear) change))
        {
            // The later of two opposites wins.
            Clear = (Clear & ~change.Set) | change.Clear;
            Set = (Set & ~change.Clear) | change.Set;
        }
        else if (option.Length > 1 && option[0] == 'r' && s_attributes.TryGetValue(option[1..], out change))
        {
            RecursiveClear = (RecursiveClear & ~change.Set) | change.Clear;
            RecursiveSet = (RecursiveSet & ~change.Clear) | change.Set;
        }
        else if (s_propagation.TryGetValue(option, out ulong type))
        {
            Propagation.Add((type, false));
        }
        else if (option.Length > 1 && option[0] == 'r' && s_propagation.TryGetValue(option[1..], out type))
        {
            Propagation.Add((type, true));
        }
        else
        {
            AddSpecial(option);
        }
    }

    private void AddSpecial(string option)
    {
        switch (option)
        {
            case "bind":
                Bind = true;
                break;
            case "rbind":
                Bind = RecursiveBind = true;
                break;
            case "idmap":
                IdMap = true;
                break;
            case "ridmap":
                IdMap = RecursiveIdMap = true;
                break;
            case "tmpcopyup":
                CopyUp = true;
                break;
            case "remount":
                Remount = true;
                break;
            case "":
                throw new FormatException("a mount option is empty");
            default:
                if (!s_defaults.Contains(option))
                {
                    AddData(option);
                }

                break;
        }
    }

    private void AddData(string option)
    {
        int equals = option.IndexOf('=', StringComparison.Ordinal);
        Data.Add(equals < 0 ? (option, null) : (option[..equals], option[(equals + 1)..]));
    }
}
