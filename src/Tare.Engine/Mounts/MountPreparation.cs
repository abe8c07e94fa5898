using Microsoft.Win32.SafeHandles;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Engine.Volumes;
using Tare.Linux.Mounts;
using Tare.Storage.Tar;

namespace Tare.Engine.Mounts;

/// <summary>Resolves a container's mounts when it is created, and makes sure of their sources when it starts.</summary>
/// <param name="parts">The engine's parts.</param>
internal sealed class MountPreparation(EngineParts parts)
{
    /// <summary>Reads the request's mounts, adds those of other containers and the image's volumes, makes volumes, and fills empty ones from the image.</summary>
    public async Task<List<ContainerMount>> ResolveAsync(
        ContainerConfig config, HostConfig host, bool readOnlyNonRecursive, ImageRecord image, Func<string, ImageRecord> findImage, CleanupStack undo)
    {
        List<ContainerMount> mounts = MountParser.Parse(host);
        foreach (ContainerMount mount in mounts)
        {
            mount.ReadOnlyNonRecursive |= readOnlyNonRecursive && mount.Type == "bind" && !mount.RW;
            CheckDataRoot(mount);
        }

        AddFromContainers(mounts, host.VolumesFrom);
        foreach (string path in (IEnumerable<string>?)config.Volumes?.Keys ?? [])
        {
            string target = ContainerPath.Clean(path);
            if (target == "/")
            {
                EngineErrors.ThrowInvalid($"invalid volume specification: '{path}': invalid specification: destination can't be '/'");
            }

            if (!mounts.Exists(m => m.Destination == target))
            {
                mounts.Add(new ContainerMount { Type = "volume", Destination = target, Anonymous = true, CopyUp = true, Driver = PluginVolumes.IsPlugin(host.VolumeDriver) ? host.VolumeDriver : "" });
            }
        }

        LayeredRoot root = RootOf(image);
        foreach (ContainerMount mount in mounts.Where(m => m.Type == "image"))
        {
            ImageRecord mounted = findImage(mount.Name);
            mount.ImageId = mounted.Id;
            mount.Layers = [.. RootOf(mounted).TryFindDirectory("/" + mount.Subpath)];
            if (mount.Layers.Count == 0)
            {
                EngineErrors.ThrowInvalid($"invalid mount config for type \"image\": the image \"{mount.Name}\" has no directory \"{mount.Subpath}\"");
            }
        }

        foreach (ContainerMount mount in mounts)
        {
            await PrepareAsync(mount, root, parts.RemapOf(host)?.Ids, undo);
        }

        return [.. mounts.OrderBy(m => ContainerPath.Depth(m.Destination))];
    }

    /// <summary>Makes sure that the sources are there.</summary>
    /// <exception cref="EngineException">InvalidArgument: a bind mount's source has gone (Docker's text).</exception>
    /// <param name="id">The container, by which plugins know who mounts.</param>
    /// <param name="mounts">Its mounts; the sources of plugins' volumes are set.</param>
    /// <param name="undo">Takes what ends the mounts again.</param>
    /// <param name="places">Takes the paths inside volumes that are open until the container is made.</param>
    public void CheckSources(string id, IEnumerable<ContainerMount> mounts, CleanupStack undo, Dictionary<ContainerMount, SafeFileHandle> places)
    {
        foreach (ContainerMount mount in mounts)
        {
            if (mount.Type == "bind")
            {
                CheckBind(mount);
                CheckPropagation(mount);
            }
            else if (mount.Type == "volume" && PluginVolumes.IsPlugin(mount.Driver))
            {
                string data = parts.PluginVolumes.Mount(mount.Name, mount.Driver, id);
                undo.Push(() => parts.PluginVolumes.Unmount(mount.Name, mount.Driver, id));
                mount.Source = data;
                OpenSubpath(mount, data, places);
            }
            else if (mount.Type == "volume")
            {
                if (!Directory.Exists(parts.Paths.Volume(mount.Name)))
                {
                    throw EngineErrors.NoSuchVolume(mount.Name);
                }

                parts.VolumeMounts.Acquire(mount.Name);
                mount.Source = parts.Paths.Volume(mount.Name);
                OpenSubpath(mount, mount.Source, places);
            }
        }
    }

    private static void OpenSubpath(ContainerMount mount, string data, Dictionary<ContainerMount, SafeFileHandle> places)
    {
        if (mount.Subpath.Length > 0)
        {
            SafeFileHandle place = VolumeSubpath.Open(data, mount.Subpath);
            places.Add(mount, place);
            mount.Opened = VolumeSubpath.PathOf(data, place);
        }
    }

    /// <summary>A mount that holds the engine's data, or lies in it, must not keep mounts there alive that the engine wants to end.</summary>
    private void CheckDataRoot(ContainerMount mount)
    {
        if (mount.Type != "bind" || !TouchesDataRoot(mount.Source))
        {
            return;
        }

        if (mount.Propagation.Length == 0)
        {
            mount.Propagation = "rslave";
        }
        else if (mount.Propagation is not ("rslave" or "rshared"))
        {
            EngineErrors.ThrowInvalid(
                "invalid mount config: must use either propagation mode \"rslave\" or \"rshared\" when mount source is within the daemon root, "
                + $"daemon root: \"{parts.Paths.DataRoot}\", bind mount source: \"{mount.Source}\", propagation: \"{mount.Propagation}\"");
        }
    }

    // By the letters of the paths, as dockerd.
    private bool TouchesDataRoot(string source)
        => source.StartsWith(parts.Paths.DataRoot, StringComparison.Ordinal) || parts.Paths.DataRoot.StartsWith(source, StringComparison.Ordinal);

    private LayeredRoot RootOf(ImageRecord image) => new([.. image.Document.ChainIds.AsEnumerable().Reverse().Select(parts.Paths.Layer)]);

    // Mounts do not travel from or to where they are kept; binds of the daemon's own folders were never refused for it (dockerd's rules and texts).
    private void CheckPropagation(ContainerMount mount)
    {
        bool sends = mount.Propagation is "shared" or "rshared";
        bool receives = mount.Propagation is "slave" or "rslave";
        if (!sends && !(receives && !TouchesDataRoot(mount.Source)))
        {
            return;
        }

        string path = new DirectoryInfo(mount.Source).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? mount.Source;
        if (MountEntry.Of(path) is { } place && !(place.IsShared || (receives && place.IsSlave)))
        {
            throw new EngineException(ErrorClass.Internal, $"path {mount.Source} is mounted on {place.Place} but it is not a {(sends ? "shared" : "shared or slave")} mount");
        }
    }

    private static void CheckBind(ContainerMount mount)
    {
        if (Path.Exists(mount.Source))
        {
            return;
        }

        if (!mount.CreateSource)
        {
            EngineErrors.ThrowInvalid($"invalid mount config for type \"bind\": bind source path does not exist: {mount.Source}");
        }

        try
        {
            Directory.CreateDirectory(mount.Source);
        }
        catch (IOException e)
        {
            throw new EngineException(ErrorClass.Internal, $"error while creating mount source path '{mount.Source}': {e.Message}", e);
        }
    }

    private async Task PrepareAsync(ContainerMount mount, LayeredRoot root, IdTranslation? ids, CleanupStack undo)
    {
        if (mount.Type == "bind")
        {
            if (!mount.CreateSource)
            {
                CheckBind(mount);
            }

            return;
        }

        if (mount.Type != "volume")
        {
            return;
        }

        if (mount.Name.Length == 0)
        {
            mount.Name = ContainerNames.NewId();
        }

        if (await Task.Run(() => parts.PluginVolumes.DriverOf(mount.Name)) is { } known && mount.Driver.Length == 0)
        {
            mount.Driver = PluginVolumes.IsPlugin(known) ? known : "";
        }

        if (mount.Driver.Length > 0)
        {
            await PrepareOfPluginAsync(mount, root, ids, undo);
            return;
        }

        if (await parts.Volumes.EnsureAsync(mount.Name, mount.Anonymous, mount.VolumeLabels, mount.VolumeOptions))
        {
            undo.Push(() => parts.Volumes.RemoveAsync(mount.Name));
            parts.Events.Publish("volume", "create", mount.Name, new Dictionary<string, string> { ["driver"] = "local" });
        }

        string data = parts.Paths.Volume(mount.Name);
        if (mount.CopyUp || mount.Subpath.Length > 0)
        {
            parts.VolumeMounts.Acquire(mount.Name);
            undo.Push(() => parts.VolumeMounts.ReleaseUnused(mount.Name));
        }

        if (mount.CopyUp)
        {
            CopyUp(mount, root, data, ids);
        }

        mount.Source = data;
    }

    /// <summary>Fills the volume, or the path inside that is mounted, where it is empty. A path that is not there is told at the start, as by dockerd: it may come until then.</summary>
    private static void CopyUp(ContainerMount mount, LayeredRoot root, string data, IdTranslation? ids)
    {
        if (root.TryFindDirectory(mount.Destination).Count == 0)
        {
            return;
        }

        if (mount.Subpath.Length == 0)
        {
            CopyWhereEmpty(data);
            return;
        }

        try
        {
            using SafeFileHandle place = VolumeSubpath.Open(data, mount.Subpath);
            CopyWhereEmpty(VolumeSubpath.PathOf(data, place));
        }
        catch (EngineException e) when (e.Class == ErrorClass.NotFound)
        {
            return;
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Class, "failed to populate volume: " + e.Message, e);
        }

        void CopyWhereEmpty(string folder)
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                VolumeCopyUp.Copy(root, mount.Destination, folder, ids);
            }
        }
    }

    private async Task PrepareOfPluginAsync(ContainerMount mount, LayeredRoot root, IdTranslation? ids, CleanupStack undo)
    {
        string user = ContainerNames.NewId();
        await Task.Run(() =>
        {
            parts.PluginVolumes.Create(mount.Name, mount.Driver, mount.VolumeOptions);
            if (mount.CopyUp)
            {
                string data = parts.PluginVolumes.Mount(mount.Name, mount.Driver, user);
                try
                {
                    CopyUp(mount, root, data, ids);
                }
                finally
                {
                    parts.PluginVolumes.Unmount(mount.Name, mount.Driver, user);
                }
            }
        });
        if (await parts.Volumes.EnsureAsync(mount.Name, mount.Anonymous, mount.VolumeLabels, mount.VolumeOptions, mount.Driver))
        {
            undo.Push(async () =>
            {
                parts.PluginVolumes.Remove(mount.Name, mount.Driver);
                await parts.Volumes.RemoveAsync(mount.Name);
            });
            parts.Events.Publish("volume", "create", mount.Name, new Dictionary<string, string> { ["driver"] = mount.Driver });
        }
    }

    private void AddFromContainers(List<ContainerMount> mounts, List<string>? volumesFrom)
    {
        foreach (string text in volumesFrom ?? [])
        {
            string[] words = text.Split(':');
            if (words.Length > 2 || words[0].Length == 0)
            {
                EngineErrors.ThrowInvalid($"invalid volumes-from specification: {text}");
            }

            Container other = parts.Containers.TryFind(words[0])
                ?? throw new EngineException(ErrorClass.InvalidArgument, $"No such container: {words[0]}");
            foreach (ContainerMount mount in other.Document.Mounts.Where(m => m.Type != "tmpfs"))
            {
                if (mounts.Exists(m => m.Destination == mount.Destination))
                {
                    continue;
                }

                mounts.Add(new ContainerMount
                {
                    Type = mount.Type,
                    Name = mount.Name,
                    Driver = mount.Driver,
                    Source = mount.Source,
                    Subpath = mount.Subpath,
                    Destination = mount.Destination,
                    Mode = mount.Mode,
                    RW = mount.RW && (words.Length < 2 || words[1] != "ro"),
                    Propagation = mount.Propagation,
                    CreateSource = mount.CreateSource,
                });
            }
        }
    }
}
