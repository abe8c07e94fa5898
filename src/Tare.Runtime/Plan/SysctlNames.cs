using Tare.Linux.Namespaces;

namespace Tare.Runtime.Plan;

/// <summary>Kernel parameters that belong to a namespace, and so may be set for a container (config-linux.md, Sysctl).</summary>
internal static class SysctlNames
{
    private static readonly HashSet<string> s_ipc = new(StringComparer.Ordinal)
    {
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    };

    /// <summary>The file of a parameter, relative to /proc.</summary>
    /// <exception cref="ArgumentException">The parameter is the whole machine's, or its namespace is not the container's own.</exception>
    public static string PathOf(string name, NamespacePlan namespaces)
    {
        // Both separators are in use: the first one that occurs decides (sysctl(8)).
        int separator = name.AsSpan().IndexOfAny('.', '/');
        string dotted = separator >= 0 && name[separator] == '/' ? Swap(name) : name;
        NamespaceType? needed = dotted switch
        {
            "kernel.domainname" => NamespaceType.Uts,
            "kernel.hostname" => throw new ArgumentException("sysctl \"kernel.hostname\": use hostname"),
            _ when s_ipc.Contains(dotted) || dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal) => NamespaceType.Ipc,
            _ when dotted.StartsWith("net.", StringComparison.Ordinal) => NamespaceType.Network,
            _ when dotted.StartsWith("user.", StringComparison.Ordinal) => NamespaceType.User,
            _ => null,
        };
        if (needed is not { } type)
        {
            throw new ArgumentException($"sysctl \"{name}\" is not in a separate kernel namespace");
        }

        if (!namespaces.Has(type))
        {
            throw new ArgumentException($"sysctl \"{name}\" needs a {type.ToString().ToLowerInvariant()} namespace of the container's own");
        }

        string path = "sys/" + Swap(dotted);
        return path.Contains("..", StringComparison.Ordinal) ? throw new ArgumentException($"sysctl \"{name}\" is no parameter's name") : path;
    }

    private static string Swap(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = source[i] switch { '.' => '/', '/' => '.', char other => other };
        }
    });
}
