using System.Collections.Concurrent;
using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Engine.Layers;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Linux.Files;

namespace Tare.Engine.Volumes;

/// <summary>All volumes in memory and in the database.</summary>
/// <param name="paths">Where they lie.</param>
/// <param name="database">Where they are recorded.</param>
/// <param name="time">The clock.</param>
internal sealed class VolumeTable(EnginePaths paths, EngineDatabase database, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, VolumeDocument> _volumes = new();

    /// <summary>All volumes.</summary>
    public IEnumerable<KeyValuePair<string, VolumeDocument>> All => _volumes;

    /// <summary>Keeps volumes to a size.</summary>
    public LimitedLayers? Limits { get; init; }

    /// <summary>Whose root owns what is made; null for the machine's.</summary>
    public UserRemap? Remap { get; init; }

    /// <summary>Label of a volume that got its name from the engine.</summary>
    public const string AnonymousLabel = "com.docker.volume.anonymous";

    /// <summary>Adds a volume that the database holds.</summary>
    public void Restore(string name, VolumeDocument document) => _volumes[name] = document;

    /// <summary>A volume; null when there is none.</summary>
    public VolumeDocument? TryGet(string name) => _volumes.GetValueOrDefault(name);

    /// <summary>Makes a volume unless there is one of that name.</summary>
    /// <returns>Whether it was made.</returns>
    public async Task<bool> EnsureAsync(string name, bool anonymous, Dictionary<string, string>? labels, Dictionary<string, string>? options, string? driver = null)
    {
        if (anonymous && driver is null)
        {
            // By which other programs know such a volume, as dockerd's.
            labels = new(labels ?? []) { [AnonymousLabel] = "" };
        }

        VolumeDocument document = new() { Created = time.GetUtcNow(), Anonymous = anonymous, Labels = labels, Options = options, Driver = driver };
        long size = driver is null ? VolumeMounts.SizeOf(name, options) : 0;
        if (size > 0 && Limits?.Quota is null && !_volumes.ContainsKey(name))
        {
            EngineErrors.ThrowInvalid($"create {name}: quota size requested but no quota support");
        }

        if (!_volumes.TryAdd(name, document))
        {
            return false;
        }

        if (driver is null)
        {
            Directory.CreateDirectory(paths.Volume(name));
            if (Remap is { } remap)
            {
                Ownership.SetOfLink(paths.Volume(name), remap.Ids.UserOutside(0), remap.Ids.GroupOutside(0));
            }

            document.Project = size > 0 ? Limits!.Assign([paths.Volume(name)], size) : 0;
        }

        await database.WriteAsync(new Statement(
            "INSERT OR REPLACE INTO volumes (name, document) VALUES ($1, $2)",
            name,
            JsonSerializer.SerializeToUtf8Bytes(document, StateJson.Default.VolumeDocument)));
        return true;
    }

    /// <summary>Removes a volume with its content; false when there is none.</summary>
    public async Task<bool> RemoveAsync(string name)
    {
        if (!_volumes.TryRemove(name, out VolumeDocument? removed))
        {
            return false;
        }

        await database.WriteAsync(new Statement("DELETE FROM volumes WHERE name = $1", name));
        string folder = Path.GetDirectoryName(paths.Volume(name))!;
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Limits?.Release(removed.Project);

        return true;
    }
}
