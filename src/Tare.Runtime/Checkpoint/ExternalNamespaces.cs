using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>
/// Namespaces that a container joined by path: images only name them. Network and pid namespaces are named by what runc calls them; for others criu
/// joins the path itself. A network namespace of the container's own is restored empty: who made its devices makes them anew, in a hook.
/// </summary>
internal static class ExternalNamespaces
{
    private const int WithNetwork = 3_11_00; // criu 3.11
    private const int WithPid = 3_15_00; // criu 3.15

    /// <summary>Names the namespaces of a running container.</summary>
    /// <exception cref="RuntimeException">criu is too old for that, or the path is gone.</exception>
    public static void NameForDump(CriuOptions options, RuntimeSpec spec, int version)
    {
        options.EmptyNamespaces((uint)NamespaceType.Network);
        foreach ((NamespaceType type, string path) in Joined(spec))
        {
            if (KeyOf(type, version) is { } key)
            {
                ulong inode = FileStatus.TryGet(path, followLink: true, out FileStatus status) ? status.Inode : throw Missing(type, path);
                options.External(string.Create(CultureInfo.InvariantCulture, $"{NamespaceFiles.FileName(type)}[{inode}]:{key}"));
            }
        }
    }

    /// <summary>Gives the namespaces to criu.</summary>
    /// <returns>Descriptors that criu inherits from <see cref="CriuProcess.FirstInherited"/> on. The caller disposes of them.</returns>
    /// <exception cref="RuntimeException">criu is too old for that, or a path is gone.</exception>
    public static IReadOnlyList<SafeFileHandle> GiveForRestore(CriuOptions options, RuntimeSpec spec, int version)
    {
        options.EmptyNamespaces((uint)NamespaceType.Network);
        List<SafeFileHandle> inherited = [];
        foreach ((NamespaceType type, string path) in Joined(spec))
        {
            if (type == NamespaceType.Cgroup)
            {
                throw new RuntimeException(ErrorKind.Invalid, $"criu cannot restore a container into the cgroup namespace \"{path}\"");
            }

            if (KeyOf(type, version) is not { } key)
            {
                options.JoinNamespace(NamespaceFiles.FileName(type), path);
                continue;
            }

            options.Inherit(key, CriuProcess.FirstInherited + inherited.Count);
            try
            {
                inherited.Add(File.OpenHandle(path));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw Missing(type, path);
            }
        }

        return inherited;
    }

    private static IEnumerable<(NamespaceType Type, string Path)> Joined(RuntimeSpec spec)
    {
        foreach (LinuxNamespace entry in spec.Linux?.Namespaces ?? [])
        {
            if (entry.Path is { Length: > 0 } path && NamespaceFiles.FromSpecification(entry.Type) is { } type)
            {
                yield return (type, path);
            }
        }
    }

    private static string? KeyOf(NamespaceType type, int version)
    {
        (string Key, int Since)? external = type switch
        {
            NamespaceType.Network => ("extRootNetNS", WithNetwork),
            NamespaceType.Pid => ("extRootPidNS", WithPid),
            _ => null,
        };
        return external is null || version >= external.Value.Since
            ? external?.Key
            : throw new RuntimeException(ErrorKind.Invalid, $"criu {version} cannot leave a {NamespaceFiles.FileName(type)} namespace out: {external.Value.Since} or higher is needed");
    }

    private static RuntimeException Missing(NamespaceType type, string path)
        => new(ErrorKind.Invalid, $"the {NamespaceFiles.FileName(type)} namespace \"{path}\" does not exist");
}
