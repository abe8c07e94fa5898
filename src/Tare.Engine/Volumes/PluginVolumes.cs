using System.Globalization;
using Microsoft.Extensions.Logging;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Engine.Volumes.Plugins;

namespace Tare.Engine.Volumes;

/// <summary>Volumes that plugins keep: what the engine remembers of one is its name, its driver and its labels; everything else the plugin tells.</summary>
/// <param name="plugins">The plugins.</param>
/// <param name="table">The volumes that the engine remembers.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class PluginVolumes(VolumePlugins plugins, VolumeTable table, ILogger log)
{
    /// <summary>Whether a driver is a plugin.</summary>
    public static bool IsPlugin(string? driver) => driver is not (null or "" or "local");

    /// <summary>Has a plugin make a volume; one that it has already is taken over, as the protocol wants it.</summary>
    /// <exception cref="EngineException">NotFound: no such plugin. Internal: it refuses.</exception>
    public void Create(string name, string driver, IReadOnlyDictionary<string, string>? options)
    {
        try
        {
            plugins.Find(driver).Call("Create", new PluginRequest { Name = name, Opts = options is null ? null : new(options) });
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Class, $"create {name}: {e.Message}", e);
        }
    }

    /// <summary>Has a plugin remove a volume.</summary>
    /// <exception cref="EngineException">It cannot.</exception>
    public void Remove(string name, string driver)
    {
        try
        {
            plugins.Find(driver).Call("Remove", new PluginRequest { Name = name });
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Class, $"remove {name}: {e.Message}", e);
        }
    }

    /// <summary>Mounts a volume for a container.</summary>
    /// <exception cref="EngineException">It cannot be mounted.</exception>
    /// <returns>Where it lies.</returns>
    public string Mount(string name, string driver, string id)
    {
        try
        {
            string place = plugins.Find(driver).Call("Mount", new PluginRequest { Name = name, Id = id }).Mountpoint ?? "";
            return place.StartsWith('/') ? place : throw new EngineException(ErrorClass.Internal, $"the driver tells no absolute path: \"{place}\"");
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Class, $"error while mounting volume '': {e.Message}", e);
        }
    }

    /// <summary>Ends a mount; a failure is told in the log, since the container is gone.</summary>
    public void Unmount(string name, string driver, string id)
    {
        try
        {
            plugins.Find(driver).Call("Unmount", new PluginRequest { Name = name, Id = id });
        }
        catch (EngineException e)
        {
            Log.PluginFailed(log, driver, name, e);
        }
    }

    /// <summary>Ends the mounts of a container that has ended.</summary>
    public void Release(Container container)
    {
        foreach (ContainerMount mount in container.Document.Mounts.Where(m => m.Type == "volume" && IsPlugin(m.Driver)))
        {
            Unmount(mount.Name, mount.Driver, container.Id);
            container.Change(_ => mount.Source = "");
        }
    }

    /// <summary>The driver of a volume: the one that the engine remembers, else the plugin that has a volume of this name; null when none has.</summary>
    public string? DriverOf(string name) => table.TryGet(name) is { } known ? known.Driver ?? "local" : AllOfPlugins([]).FirstOrDefault(v => v.Name == name)?.Driver;

    /// <summary>Describes a volume of a plugin.</summary>
    /// <exception cref="EngineException">NotFound: the plugin or its volume is not there.</exception>
    public VolumeSnapshot Describe(string name, string driver, VolumeDocument? known)
    {
        VolumePlugin plugin = plugins.Find(driver);
        PluginVolume volume = plugin.Call("Get", new PluginRequest { Name = name }).Volume ?? throw EngineErrors.NoSuchVolume(name);
        return Snapshot(plugin, volume, known) with { Name = name };
    }

    /// <summary>All volumes of all plugins.</summary>
    /// <param name="warnings">Takes the plugins that do not answer.</param>
    public IEnumerable<VolumeSnapshot> AllOfPlugins(List<string> warnings)
    {
        List<VolumeSnapshot> found = [];
        foreach (string name in VolumePlugins.Names())
        {
            try
            {
                VolumePlugin plugin = plugins.Find(name);
                found.AddRange((plugin.Call("List", new PluginRequest()).Volumes ?? []).Select(volume => Snapshot(plugin, volume, table.TryGet(volume.Name))));
            }
            catch (EngineException e)
            {
                warnings.Add($"list {name}: {e.Message}");
            }
        }

        return found;
    }

    private static VolumeSnapshot Snapshot(VolumePlugin plugin, PluginVolume volume, VolumeDocument? known) => new()
    {
        Name = volume.Name,
        Driver = plugin.Name,
        Mountpoint = volume.Mountpoint,
        Created = DateTimeOffset.TryParse(volume.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset created) ? created : known?.Created ?? default,
        Labels = known?.Labels,
        Options = known?.Options,
        Scope = plugin.Scope(),
        Status = volume.Status,
    };
}
