using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Linux;
using Tare.Linux.Mounts;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;
using Tare.Runtime.UserNamespaces;
using Tare.Storage.Layers;
using Tare.Storage.Tar;

namespace Tare.Engine.Users;

/// <summary>
/// Containers in user namespaces (<c>userns-remap</c>): the maps, and the roots of such containers, which are overlays of folders with mapped ids. On the disk everything belongs to
/// the ids that containers see.
/// </summary>
internal sealed class UserRemap : IDisposable
{
    // Folders with mapped ids, by their names in the namespace that has them.
    private const string Layers = "layers";
    private const string Containers = "containers";
    private const string Marks = "marks";

    private readonly EnginePaths _paths;
    private readonly MappedFolders _folders;

    private UserRemap(EnginePaths paths, MappedFolders folders, List<IdMapping> uids, List<IdMapping> gids)
    {
        _paths = paths;
        _folders = folders;
        Uids = uids;
        Gids = gids;
        Ids = TranslationOf(uids, gids);
    }

    /// <summary>Ids of users.</summary>
    public List<IdMapping> Uids { get; }

    /// <summary>Ids of groups.</summary>
    public List<IdMapping> Gids { get; }

    /// <summary>The maps as archives need them.</summary>
    public IdTranslation Ids { get; }

    /// <summary>Sets it up as the option says; null where it says nothing, or names the user root.</summary>
    /// <exception cref="EngineException">InvalidArgument: no such user, group or ranges. FailedPrecondition: this machine cannot do it.</exception>
    public static UserRemap? Create(TareEngineOptions options, EnginePaths paths, ILogger log)
    {
        if (options.UsernsRemap is not { Length: > 0 } text)
        {
            return null;
        }

        SubordinateIds ids = new(static file => File.Exists(file) ? File.ReadAllText(file) : null);
        if (text.Split(':')[0] == SubordinateIds.Default)
        {
            RemapUser.Ensure(ids);
        }

        (string user, string group) = ids.Parse(text);
        if (user == "root")
        {
            Log.RootIsNotRemapped(log);
            return null;
        }

        (List<IdMapping> uids, List<IdMapping> gids) = ids.MapsOf(user);
        Log.Remapped(log, user, group, uids[0].HostId, gids[0].HostId);
        try
        {
            using SafeFileHandle space = UserNamespaceClient.Make(options.RuntimePath, uids, gids);
            MappedFolders folders = MappedFolders.Create(space, paths.Views, (uids[0].HostId, gids[0].HostId), [(Layers, paths.Layers), (Containers, paths.Containers), (Marks, paths.MarksLayer)]);
            UserRemap remap = new(paths, folders, uids, gids);
            remap.Try();
            return remap;
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            throw new EngineException(
                ErrorClass.FailedPrecondition,
                $"userns-remap: the layers in \"{paths.DataRoot}\" cannot be shown to user namespaces: {e.Message} (hint: this takes Linux 5.19 and a file system that maps ids, such as ext4, xfs or btrfs)",
                e);
        }
    }

    /// <summary>Whether a container gets a user namespace.</summary>
    public static bool Wants(HostConfig host) => host.UsernsMode != "host";

    /// <summary>Refuses what cannot be in a user namespace, in dockerd's words.</summary>
    /// <exception cref="EngineException">InvalidArgument.</exception>
    public static void Check(HostConfig host)
    {
        if (!Wants(host))
        {
            return;
        }

        if (host.Privileged)
        {
            EngineErrors.ThrowInvalid("privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode");
        }

        if (host.NetworkMode == "host")
        {
            EngineErrors.ThrowInvalid("cannot share the host's network namespace when user namespaces are enabled");
        }

        if (host.PidMode == "host")
        {
            EngineErrors.ThrowInvalid("cannot share the host PID namespace when user namespaces are enabled");
        }
    }

    /// <summary>Mounts the root of a container; it stands nowhere yet, and is the caller's.</summary>
    /// <param name="lowers">The layers below, the topmost first: folders of the data root.</param>
    /// <param name="upper">The writable layer; null for none.</param>
    /// <param name="work">Overlayfs's folder beside it.</param>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public SafeFileHandle MountRoot(IEnumerable<string> lowers, string? upper, string? work)
    {
        string[] layers = [.. lowers.Select(PathInside)];
        (string? top, string? side) = (upper is null ? null : PathInside(upper), work is null ? null : PathInside(work));
        return _folders.MakeOverlay(layers, top, side);
    }

    /// <inheritdoc/>
    public void Dispose() => _folders.Dispose();

    /// <summary>What a running process's user namespace maps; null for one that is in this one's.</summary>
    public static IdTranslation? OfProcess(int pid)
    {
        string own = NamespaceFiles.PathOf(Environment.ProcessId, NamespaceType.User);
        return NamespaceFiles.Identity(NamespaceFiles.PathOf(pid, NamespaceType.User)) == NamespaceFiles.Identity(own)
            ? null
            : TranslationOf(IdMapFile.Read($"/proc/{pid}/uid_map"), IdMapFile.Read($"/proc/{pid}/gid_map"));
    }

    private static IdTranslation TranslationOf(List<IdMapping> uids, List<IdMapping> gids) => new(RangesOf(uids), RangesOf(gids));

    private static List<(uint Inside, uint Outside, uint Size)> RangesOf(List<IdMapping> maps) => maps.ConvertAll(static map => (map.ContainerId, map.HostId, map.Size));

    private string PathInside(string path)
    {
        foreach ((string name, string folder) in (ReadOnlySpan<(string, string)>)[(Layers, _paths.Layers), (Containers, _paths.Containers), (Marks, _paths.MarksLayer)])
        {
            if (path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                return "/" + name + path[folder.Length..];
            }
        }

        throw new ArgumentException($"\"{path}\" is in no folder of layers");
    }

    // A kernel may map ids and refuse overlays of such mounts (before 5.19).
    private void Try()
    {
        string folder = _paths.Trash + "/" + ContainerNames.NewId();
        Directory.CreateDirectory(folder + "/upper");
        Directory.CreateDirectory(folder + "/work");
        try
        {
            MountRoot([_paths.MarksLayer], folder + "/upper", folder + "/work").Dispose();
        }
        finally
        {
            TreeRemover.Remove(folder);
        }
    }
}
