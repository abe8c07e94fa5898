using Microsoft.Win32.SafeHandles;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>The user namespaces of a configuration's idmapped mounts, one for equal maps. Disposing closes them.</summary>
internal sealed class MountIdMaps : IDisposable
{
    private readonly Dictionary<Mount, int> _descriptors = [];
    private readonly Dictionary<string, SafeFileHandle> _files = new(StringComparer.Ordinal);

    private MountIdMaps()
    {
    }

    /// <summary>Descriptor of the namespace for each idmapped mount.</summary>
    public IReadOnlyDictionary<Mount, int> Descriptors => _descriptors;

    /// <summary>Makes and opens what the mounts need; null when none is idmapped.</summary>
    /// <exception cref="RuntimeException">The kernel does not take the maps.</exception>
    public static MountIdMaps? For(RuntimeSpec spec)
    {
        MountIdMaps? maps = null;
        foreach (Mount mount in spec.Mounts ?? [])
        {
            if (IsIdMapped(mount))
            {
                maps ??= new MountIdMaps();
                maps.Add(mount, spec.Linux ?? new LinuxSpec());
            }
        }

        return maps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle file in _files.Values)
        {
            file.Dispose();
        }
    }

    private static bool IsIdMapped(Mount mount)
        => mount.UidMappings is { Count: > 0 } || mount.GidMappings is { Count: > 0 } || (mount.Options?.Exists(option => option is "idmap" or "ridmap") ?? false);

    private void Add(Mount mount, LinuxSpec linux)
    {
        string? joined = linux.Namespaces?.Find(entry => entry.Type == "user")?.Path;
        bool own = mount.UidMappings is { Count: > 0 } && mount.GidMappings is { Count: > 0 };
        List<IdMapping>? uids = own ? mount.UidMappings : linux.UidMappings;
        List<IdMapping>? gids = own ? mount.GidMappings : linux.GidMappings;
        // What is missing here, the compiler of the plan names.
        if (!own && !string.IsNullOrEmpty(joined))
        {
            Add(mount, joined, () => File.OpenHandle(joined));
        }
        else if (uids is { Count: > 0 } && gids is { Count: > 0 })
        {
            Add(mount, IdMaps.Text(uids) + ":" + IdMaps.Text(gids), () => UserNamespaceMaker.Make(uids, gids));
        }
    }

    private void Add(Mount mount, string key, Func<SafeFileHandle> open)
    {
        if (!_files.TryGetValue(key, out SafeFileHandle? file))
        {
            file = open();
            _files.Add(key, file);
        }

        _descriptors.Add(mount, (int)file.DangerousGetHandle());
    }
}
