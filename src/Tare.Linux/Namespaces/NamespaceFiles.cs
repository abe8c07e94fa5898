using System.Globalization;

namespace Tare.Linux.Namespaces;

/// <summary>The files below /proc/PID/ns that stand for a process's namespaces.</summary>
public static class NamespaceFiles
{
    /// <summary>Every kind, user namespaces first as they must be joined first.</summary>
    public static IReadOnlyList<NamespaceType> All { get; } =
    [
        NamespaceType.User, NamespaceType.Mount, NamespaceType.Pid, NamespaceType.Network, NamespaceType.Ipc, NamespaceType.Uts, NamespaceType.Cgroup,
        NamespaceType.Time,
    ];

    /// <summary>The name below /proc/PID/ns: <c>mnt</c>, <c>net</c>…</summary>
    public static string FileName(NamespaceType type) => type switch
    {
        NamespaceType.Time => "time",
        NamespaceType.Mount => "mnt",
        NamespaceType.Cgroup => "cgroup",
        NamespaceType.Uts => "uts",
        NamespaceType.Ipc => "ipc",
        NamespaceType.User => "user",
        NamespaceType.Pid => "pid",
        NamespaceType.Network => "net",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "one kind of namespace"),
    };

    /// <summary>The name of the flag of clone(2) without its first word: <c>NEWNS</c>, <c>NEWNET</c>…</summary>
    public static string FlagName(NamespaceType type) => type switch
    {
        NamespaceType.Mount => "NEWNS",
        _ => "NEW" + FileName(type).ToUpperInvariant(),
    };

    /// <summary>The kind that the runtime specification calls <paramref name="name"/> (config-linux.md, Namespaces); null for an unknown one.</summary>
    public static NamespaceType? FromSpecification(string name) => name switch
    {
        "pid" => NamespaceType.Pid,
        "network" => NamespaceType.Network,
        "mount" => NamespaceType.Mount,
        "ipc" => NamespaceType.Ipc,
        "uts" => NamespaceType.Uts,
        "user" => NamespaceType.User,
        "cgroup" => NamespaceType.Cgroup,
        "time" => NamespaceType.Time,
        _ => null,
    };

    /// <summary>The file of a process's namespace.</summary>
    public static string PathOf(int pid, NamespaceType type) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/{FileName(type)}");

    /// <summary>What the file points to, <c>net:[4026531840]</c>; null when the process is gone or the kernel has no such namespace.</summary>
    public static string? Identity(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
