using Microsoft.Win32.SafeHandles;
using Tare.Engine.Errors;
using Tare.Engine.Layers;
using Tare.Engine.Lifecycle;
using Tare.Engine.Mounts;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Linux.Files;
using Tare.Linux.Mounts;
using Tare.Linux.Namespaces;
using Tare.Linux.Processes;
using Tare.Storage.Tar;

namespace Tare.Engine.Archives;

/// <summary>
/// A container's files as an open root: its overlay (that of its processes while it runs) with its volumes and the files of its network, mounted in a mount namespace
/// of their own, which nobody enters and which goes with this object. Nothing is ever mounted in the host's namespace.
/// </summary>
internal sealed class ContainerView : IDisposable
{
    private static readonly string[] s_networkFiles = ["hosts", "hostname", "resolv.conf"];
    private readonly SafeFileHandle? _namespace;

    private ContainerView(ConfinedRoot root, SafeFileHandle? mountNamespace)
    {
        Root = root;
        _namespace = mountNamespace;
    }

    /// <summary>The container's <c>/</c>.</summary>
    public ConfinedRoot Root { get; }

    /// <summary>What the owners of its files are to the container, where it is in a user namespace; null where they are the same.</summary>
    public IdTranslation? Ids { get; private init; }

    /// <summary>Opens all that the container sees. Preconditions: its turn is held while it does not run, so that it is not started meanwhile.</summary>
    /// <exception cref="EngineException">Conflict: it ended just now.</exception>
    public static ContainerView OpenMounted(Container container, EngineParts parts) => container.State.IsAlive ? OpenLive(container, parts) : OpenStopped(container, parts);

    /// <summary>Opens the root file system without anything that is mounted in it; read-only.</summary>
    public static ContainerView OpenPlain(Container container, EngineParts parts)
    {
        if (container.State.IsAlive)
        {
            using SafeFileHandle space = File.OpenHandle(NamespaceFiles.PathOf(container.State.Pid, NamespaceType.Mount));
            CheckAlive(container);
            return new ContainerView(new ConfinedRoot(MountNamespaceVisit.Enter(space, static () => DetachedMount.Copy("/", recursive: false))), null) { Ids = IdsOf(container) };
        }

        string folder = parts.Paths.Container(container.Id);
        return Create(null, () => OverlayMount.Mount(folder + "/rootfs", [folder + "/upper", .. LowersOf(container, parts)], null, null), folder + "/rootfs");
    }

    /// <summary>The layers below the container's own, the topmost first.</summary>
    public static IReadOnlyList<string> LowersOf(Container container, EngineParts parts) => [parts.Paths.MarksLayer, .. container.Snapshot.LowerDirs];

    /// <summary>Makes the calling thread one that can make files of the container, for the rest of its life.</summary>
    public void PrepareThread() => BecomeOwner(Ids);

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        _namespace?.Dispose();
    }

    // The number of a process that has ended may be another's now: what was opened by it counts only if the container lived on.
    private static void CheckAlive(Container container)
    {
        if (!container.State.IsAlive)
        {
            throw EngineErrors.NotRunning(container.Id);
        }
    }

    private static IdTranslation? IdsOf(Container container)
    {
        try
        {
            return UserRemap.OfProcess(container.State.Pid);
        }
        catch (IOException)
        {
            throw EngineErrors.NotRunning(container.Id);
        }
    }

    // What the kernel shows of itself (/proc, /sys) and devices stay out: nobody copies those.
    private static ContainerView OpenLive(Container container, EngineParts parts)
    {
        using SafeFileHandle space = File.OpenHandle(NamespaceFiles.PathOf(container.State.Pid, NamespaceType.Mount));
        CheckAlive(container);
        List<(ContainerMount Mount, SafeFileHandle Copy)> memory = [];
        try
        {
            using SafeFileHandle overlay = MountNamespaceVisit.Enter(space, () =>
            {
                // What is in a tmpfs is nowhere else.
                memory.AddRange(container.Document.Mounts.Where(static m => m.Type == "tmpfs").Select(static m => (m, DetachedMount.Copy(m.Destination, recursive: false))));
                return DetachedMount.Copy("/", recursive: false);
            });
            string place = parts.Paths.Container(container.Id) + "/rootfs";
            IdTranslation? ids = IdsOf(container);
            return Create(
                ids,
                () =>
                {
                    using ConfinedRoot target = ConfinedRoot.Open(place);
                    DetachedMount.Attach(overlay, target.Handle, place);
                    using ConfinedRoot root = ConfinedRoot.Open(place);
                    BindAll(root, container, parts, memory);
                },
                place);
        }
        finally
        {
            memory.ForEach(static pair => pair.Copy.Dispose());
        }
    }

    private static ContainerView OpenStopped(Container container, EngineParts parts)
    {
        string folder = parts.Paths.Container(container.Id);
        // Volumes have the owners that the container would give them: its own files get the same.
        UserRemap? remap = parts.RemapOf(container.Document.HostConfig);
        using SafeFileHandle? mapped = remap?.MountRoot(LowersOf(container, parts), folder + "/upper", folder + "/work");
        using SafeFileHandle? limited = LimitedLayers.NeedsServer(container) ? parts.Layers.Mount(container) : null;
        return Create(
            remap?.Ids,
            () =>
            {
                string layer = folder;
                if (mapped is not null)
                {
                    using ConfinedRoot place = ConfinedRoot.Open(folder + "/rootfs");
                    DetachedMount.Attach(mapped, place.Handle, folder + "/rootfs");
                }
                else if (limited is not null)
                {
                    layer = folder + "/rootfs";
                    using ConfinedRoot place = ConfinedRoot.Open(layer);
                    DetachedMount.Attach(limited, place.Handle, layer);
                }

                if (mapped is null)
                {
                    OverlayMount.Mount(folder + "/rootfs", LowersOf(container, parts), layer + "/upper", layer + "/work", isForeign: limited is not null);
                }

                using ConfinedRoot root = ConfinedRoot.Open(folder + "/rootfs");
                BindAll(root, container, parts, []);
            },
            folder + "/rootfs");
    }

    private static void BindAll(ConfinedRoot root, Container container, EngineParts parts, List<(ContainerMount Mount, SafeFileHandle Copy)> memory)
    {
        foreach (ContainerMount mount in container.Document.Mounts)
        {
            if (mount.Type != "tmpfs")
            {
                Bind(root, mount);
            }
            else if (memory.Find(pair => pair.Mount == mount).Copy is { } copy)
            {
                using SafeFileHandle target = MountTarget.Ensure(root, mount.Destination, isDirectory: true);
                DetachedMount.Attach(copy, target, mount.Destination);
            }
        }

        foreach (string name in s_networkFiles)
        {
            string source = $"{parts.Paths.Container(container.Id)}/{name}";
            string destination = "/etc/" + name;
            if (File.Exists(source) && !container.Document.Mounts.Exists(m => m.Destination == destination))
            {
                Bind(root, new ContainerMount { Type = "bind", Source = source, Destination = destination });
            }
        }
    }

    // What is made in mapped layers must belong to an id that they have.
    private static void BecomeOwner(IdTranslation? ids)
    {
        if (ids is not null)
        {
            FileCredentials.BecomeOnThisThread(ids.UserOutside(0), ids.GroupOutside(0));
        }
    }

    private static ContainerView Create(IdTranslation? ids, Action mount, string place)
    {
        (ConfinedRoot root, SafeFileHandle space) = MountNamespaceVisit.Create(() =>
        {
            BecomeOwner(ids);
            mount();
            return (ConfinedRoot.Open(place), File.OpenHandle("/proc/thread-self/ns/mnt"));
        });
        return new ContainerView(root, space) { Ids = ids };
    }

    private static void Bind(ConfinedRoot root, ContainerMount mount)
    {
        using SafeFileHandle? inside = mount.Subpath.Length > 0 && mount.Type == "volume" ? VolumeSubpath.Open(mount.Source, mount.Subpath) : null;
        string path = inside is null ? mount.Source : VolumeSubpath.PathOf(mount.Source, inside);
        if (!FileStatus.TryGet(path, followLink: true, out FileStatus source))
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"invalid mount config for type \"{mount.Type}\": bind source path does not exist: {mount.Source}");
        }

        using SafeFileHandle target = MountTarget.Ensure(root, mount.Destination, source.Type == FileType.Directory);
        using SafeFileHandle copy = DetachedMount.Copy(path, recursive: !mount.NonRecursive);
        if (!mount.RW)
        {
            DetachedMount.Set(copy, MountAttributes.ReadOnly);
        }

        DetachedMount.Attach(copy, target, mount.Destination);
    }
}
