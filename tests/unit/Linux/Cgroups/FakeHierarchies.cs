using Tare.Linux.Cgroups;

namespace Tare.UnitTests.Linux.Cgroups;

/// <summary>Cgroup hierarchies made of ordinary files in a temporary folder: what is written can be read back as it was written.</summary>
internal sealed class FakeHierarchies : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tare-cgroups-").FullName;

    private FakeHierarchies(Func<string, string> mountInfo, Action<string> populate)
    {
        populate(_root);
        Hierarchies = CgroupHierarchies.Parse(mountInfo(_root));
    }

    public CgroupHierarchies Hierarchies { get; }

    public static FakeHierarchies Legacy(params string[] controllers)
        => new(root => LegacyMounts(root, controllers), root => MakeAll(root, controllers));

    public static FakeHierarchies Hybrid(params string[] controllers) => new(
        root => LegacyMounts(root, controllers) + $"33 31 0:30 / {root}/unified rw,relatime - cgroup2 cgroup2 rw\n",
        root =>
        {
            MakeAll(root, [.. controllers, "unified"]);
            File.WriteAllText(root + "/unified/cgroup.controllers", "");
        });

    public static FakeHierarchies Unified(string controllers) => new(
        root => $"30 23 0:26 / {root} rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
        root =>
        {
            File.WriteAllText(root + "/cgroup.controllers", controllers + "\n");
            File.WriteAllText(root + "/cgroup.subtree_control", "");
        });

    public string PathOf(string relative) => Path.Combine(_root, relative);

    public void Add(string directory, params string[] files)
    {
        Directory.CreateDirectory(PathOf(directory));
        foreach (string file in files)
        {
            File.WriteAllText(PathOf(directory + "/" + file), "");
        }
    }

    public void Write(string file, string text) => File.WriteAllText(PathOf(file), text);

    public string Read(string file) => File.ReadAllText(PathOf(file));

    private static string LegacyMounts(string root, string[] controllers)
        => string.Concat(controllers.Select(c => $"32 31 0:29 / {root}/{c} rw,relatime - cgroup cgroup rw,{c}\n"));

    private static void MakeAll(string root, string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory($"{root}/{name}");
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
