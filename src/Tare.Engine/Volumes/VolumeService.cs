using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Filtering;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;

namespace Tare.Engine.Volumes;

/// <summary>Volumes: folders below the data root that outlive containers.</summary>
public sealed class VolumeService
{
    private readonly EngineParts _parts;

    internal VolumeService(EngineParts parts) => _parts = parts;

    /// <summary>Makes a volume, or returns the one of that name.</summary>
    /// <exception cref="EngineException">InvalidArgument: the name is wrong. Conflict: the volume exists with another driver.</exception>
    /// <param name="name">Name; null or empty makes an anonymous one.</param>
    /// <param name="driver">Driver; null or empty means local.</param>
    /// <param name="options">Options of the driver; null for none.</param>
    /// <param name="labels">Labels; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<VolumeSnapshot> CreateAsync(string? name, string? driver, IReadOnlyDictionary<string, string>? options, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string chosen = string.IsNullOrEmpty(name) ? ContainerNames.NewId() : name;
        if (!ContainerNames.IsValid(chosen))
        {
            throw VolumeNames.Invalid(chosen);
        }

        string? plugin = PluginVolumes.IsPlugin(driver) ? driver : null;
        if (_parts.Volumes.TryGet(chosen) is { } present && (present.Driver ?? "local") != (plugin ?? "local"))
        {
            throw new EngineException(ErrorClass.Conflict, $"create {chosen}: driver '{present.Driver ?? "local"}' already has volume '{chosen}': volume name must be unique");
        }

        if (plugin is null)
        {
            VolumeMounts.Check(chosen, options);
        }
        else
        {
            await Task.Run(() => _parts.PluginVolumes.Create(chosen, plugin, options), cancellationToken);
        }

        if (await _parts.Volumes.EnsureAsync(chosen, string.IsNullOrEmpty(name), labels is null ? null : new(labels), options is { Count: > 0 } ? new(options) : null, plugin))
        {
            _parts.Events.Publish("volume", "create", chosen, new Dictionary<string, string> { ["driver"] = plugin ?? "local" });
        }

        return await Task.Run(() => Find(chosen), cancellationToken);
    }

    /// <summary>Lists volumes by name.</summary>
    /// <param name="filters">Docker's filters: dangling, driver, label, name.</param>
    /// <returns>The volumes, and the plugins that did not answer.</returns>
    public (IReadOnlyList<VolumeSnapshot> Volumes, IReadOnlyList<string> Warnings) List(IReadOnlyDictionary<string, IReadOnlyList<string>> filters)
    {
        Filters chosen = new(filters);
        chosen.Allow("dangling", "driver", "label", "label!", "name");
        bool? dangling = chosen.Boolean("dangling");
        List<string> warnings = [];
        IEnumerable<VolumeSnapshot> local = _parts.Volumes.All.Where(v => v.Value.Driver is null).Select(v => Snapshot(v.Key, v.Value));
        List<VolumeSnapshot> volumes = [.. local.Concat(_parts.PluginVolumes.AllOfPlugins(warnings))
            .Where(v => chosen.MatchLabels(v.Labels)
                && chosen.Match("name", n => v.Name.Contains(n, StringComparison.Ordinal))
                && chosen.Match("driver", d => d == v.Driver)
                && (dangling is null || dangling != IsUsed(v.Name)))
            .OrderBy(v => v.Name, StringComparer.Ordinal)];
        return (volumes, warnings);
    }

    /// <summary>Finds a volume.</summary>
    /// <exception cref="EngineException">NotFound: no such volume.</exception>
    /// <param name="name">Its name.</param>
    public VolumeSnapshot Find(string name)
    {
        VolumeDocument? known = _parts.Volumes.TryGet(name);
        string driver = _parts.PluginVolumes.DriverOf(name) ?? throw EngineErrors.NoSuchVolume(name);
        return PluginVolumes.IsPlugin(driver) ? _parts.PluginVolumes.Describe(name, driver, known) : Snapshot(name, known!);
    }

    /// <summary>Removes a volume with its content.</summary>
    /// <exception cref="EngineException">NotFound, or Conflict: a container uses it.</exception>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether a missing one is no error.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RemoveAsync(string name, bool force, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<string> users = [.. _parts.Containers.All.Where(c => c.Document.Mounts.Exists(m => m.Name == name)).Select(c => c.Id)];
        if (users.Count > 0)
        {
            throw new EngineException(ErrorClass.Conflict, $"remove {name}: volume is in use - [{string.Join(", ", users)}]");
        }

        string driver = await Task.Run(() => _parts.PluginVolumes.DriverOf(name), cancellationToken) ?? "local";
        if (PluginVolumes.IsPlugin(driver))
        {
            await RemoveOfPluginAsync(name, driver, force);
            return;
        }

        _parts.VolumeMounts.ReleaseUnused(name);
        if (await _parts.Volumes.RemoveAsync(name))
        {
            _parts.Events.Publish("volume", "destroy", name, new Dictionary<string, string> { ["driver"] = "local" });
        }
        else if (!force)
        {
            throw EngineErrors.NoSuchVolume(name);
        }
    }

    private async Task RemoveOfPluginAsync(string name, string driver, bool force)
    {
        try
        {
            await Task.Run(() => _parts.PluginVolumes.Remove(name, driver));
        }
        catch (EngineException) when (force)
        {
            // Asked for whatever the plugin says: what is forgotten here stays with the plugin.
        }

        await _parts.Volumes.RemoveAsync(name);
        _parts.Events.Publish("volume", "destroy", name, new Dictionary<string, string> { ["driver"] = driver });
    }

    /// <summary>Removes volumes that no container uses.</summary>
    /// <param name="filters">Docker's filters: all, label.</param>
    /// <param name="allByDefault">Whether named volumes go too where the filter <c>all</c> is not given.</param>
    /// <param name="cancellationToken">Gives up between two.</param>
    /// <returns>Their names, and the bytes that came free.</returns>
    public async Task<(IReadOnlyList<string> Removed, long Bytes)> PruneAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, bool allByDefault, CancellationToken cancellationToken)
    {
        Filters chosen = new(filters);
        chosen.Allow("all", "label", "label!");
        bool all = chosen.Boolean("all") ?? allByDefault;
        List<string> removed = [];
        long bytes = 0;
        foreach ((string name, VolumeDocument volume) in (List<KeyValuePair<string, VolumeDocument>>)[.. _parts.Volumes.All])
        {
            // As dockerd, which leaves what plugins keep alone.
            if (volume.Driver is not null || IsUsed(name) || !(all || volume.Anonymous) || !chosen.MatchLabels(volume.Labels))
            {
                continue;
            }

            bytes += SizeOf(name);
            await RemoveAsync(name, force: true, cancellationToken);
            removed.Add(name);
        }

        return (removed, bytes);
    }

    /// <summary>Bytes of a volume's content. Walks it; a volume that is a mount counts nothing, since what it holds lies elsewhere.</summary>
    /// <param name="name">Its name.</param>
    public long SizeOf(string name) => _parts.VolumeMounts.IsMounted(name) || _parts.Volumes.TryGet(name) is not { Driver: null } ? 0 : FolderSize.Of(_parts.Paths.Volume(name));

    private bool IsUsed(string name) => _parts.Containers.All.Any(c => c.Document.Mounts.Exists(m => m.Name == name));

    private VolumeSnapshot Snapshot(string name, VolumeDocument volume) => new()
    {
        Name = name,
        Mountpoint = _parts.Paths.Volume(name),
        Created = volume.Created,
        Labels = volume.Labels,
        Options = volume.Options,
    };
}
