using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Namespaces;
using Tare.Linux.Processes;

namespace Tare.Linux.Mounts;

/// <summary>
/// Folders with mapped ids, in a mount namespace that holds nothing else and that nobody is in: <c>/NAME</c> there is a folder of the machine whose files have other owners, and the
/// owners on the disk stay as they are. Mounts that are made of paths there (an overlay of such folders) can be used anywhere. The namespace goes with this object.
/// </summary>
public sealed class MappedFolders : IDisposable
{
    private readonly SafeFileHandle _space;
    private readonly (uint User, uint Group) _owner;

    private MappedFolders(SafeFileHandle space, (uint User, uint Group) owner)
    {
        _space = space;
        _owner = owner;
    }

    /// <summary>Makes the namespace.</summary>
    /// <param name="userNamespace">The maps: an id inside on the disk is the one outside there.</param>
    /// <param name="place">Any directory, on which the namespace's root is built where nobody else sees it.</param>
    /// <param name="owner">Whom files belong to that are made there, by the ids outside: overlayfs makes some with the ids of whom it was mounted by, and others have none on the disk.</param>
    /// <param name="folders">Names, and the folders that they stand for.</param>
    /// <exception cref="LinuxException">EINVAL of mount_setattr: a file system maps no ids.</exception>
    public static MappedFolders Create(SafeFileHandle userNamespace, string place, (uint User, uint Group) owner, IReadOnlyList<(string Name, string Path)> folders) => new(MountNamespaceVisit.Create(() =>
    {
        SafeFileHandle space = File.OpenHandle("/proc/thread-self/ns/mnt");
        try
        {
            Attach(DetachedMount.Make("tmpfs", [("mode", "0700")], MountAttributes.None), place);
            foreach ((string name, string path) in folders)
            {
                SafeFileHandle copy = DetachedMount.Copy(path, recursive: false);
                DetachedMount.MapIds(copy, userNamespace);
                Directory.CreateDirectory($"{place}/{name}");
                Attach(copy, $"{place}/{name}");
            }

            if (!OverlayMount.TakesLayersOneByOne)
            {
                // For the short names of layers.
                Directory.CreateDirectory($"{place}/proc");
                Attach(DetachedMount.Copy("/proc", recursive: false), $"{place}/proc");
            }

            // What the machine has mounted stays there alone: a copy of it here would keep it busy.
            DetachedMount.BecomeRoot(place);
            return space;
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }), owner);

    /// <summary>Makes an overlay of directories below the folders; it stands nowhere yet, and is the caller's.</summary>
    /// <param name="lowers">The lower directories, the topmost first; two at least when there is no upper one. Paths inside.</param>
    /// <param name="upper">The upper directory; null for a read-only overlay.</param>
    /// <param name="work">The work directory; null with <paramref name="upper"/> only.</param>
    /// <exception cref="LinuxException">The kernel refuses. EINVAL: it makes no overlays of folders with mapped ids (before Linux 5.19).</exception>
    public SafeFileHandle MakeOverlay(IReadOnlyList<string> lowers, string? upper, string? work) => MountNamespaceVisit.Enter(_space, () =>
    {
        FileCredentials.BecomeOnThisThread(_owner.User, _owner.Group);
        return OverlayMount.Make(lowers, upper, work);
    });

    /// <inheritdoc/>
    public void Dispose() => _space.Dispose();

    private static void Attach(SafeFileHandle mount, string path)
    {
        using (mount)
        {
            using ConfinedRoot target = ConfinedRoot.Open(path);
            DetachedMount.Attach(mount, target.Handle, path);
        }
    }
}
