using Microsoft.Win32.SafeHandles;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;
using Tare.Storage.Tar;

namespace Tare.Engine.Archives;

/// <summary>
/// Files of containers as tar archives: export, copies in both directions, and what changed. Where a method takes <c>container</c>, it is an id, a unique prefix of one, or a
/// name with or without a leading slash. Paths are resolved inside the container, whatever it does meanwhile.
/// </summary>
public sealed class ContainerArchiveService
{
    private readonly EngineParts _parts;
    private readonly ContainerService _containers;
    private readonly ContainerCommitter _committer;

    internal ContainerArchiveService(EngineParts parts, ImageParts images, ContainerService containers)
    {
        _parts = parts;
        _containers = containers;
        _committer = new ContainerCommitter(parts, images);
    }

    /// <summary>Opens the root file system for an export, without what is mounted in it.</summary>
    /// <exception cref="EngineException">NotFound: no such container.</exception>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<ArchiveSource> OpenExportAsync(string container, CancellationToken cancellationToken)
    {
        Container found = Find(container);
        ContainerView view = await Task.Run(() => Translate(found, () => ContainerView.OpenPlain(found, _parts)), cancellationToken);
        _parts.Publish(found, "export");
        return new ArchiveSource(null, (output, token) => TreeArchive.WriteContent(view.Root.Handle, output, view.Ids, token), view.Dispose);
    }

    /// <summary>Opens a file or a directory for a copy out of the container. A symbolic link is archived itself, unless the path ends with a slash or <c>/.</c></summary>
    /// <exception cref="EngineException">NotFound: no such container or path.</exception>
    /// <param name="container">Which.</param>
    /// <param name="path">Path in the container, relative to <c>/</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<ArchiveSource> OpenPathAsync(string container, string path, CancellationToken cancellationToken)
    {
        Container found = Find(container);
        bool held = await HoldAsync(found, cancellationToken);
        ContainerView? view = null;
        try
        {
            view = await Task.Run(() => Translate(found, () => ContainerView.OpenMounted(found, _parts)), cancellationToken);
            SafeFileHandle place = Open(view, path, container);
            PathStat stat = StatOf(view, place, path);
            _parts.Publish(found, "archive-path", ("path", path));
            string name = stat.Name == "/" ? "" : stat.Name;
            return new ArchiveSource(stat, (output, token) => TreeArchive.WriteResource(place, name, output, view.Ids, token), () =>
            {
                place.Dispose();
                view.Dispose();
                Release(found, held);
            });
        }
        catch
        {
            view?.Dispose();
            Release(found, held);
            throw;
        }
    }

    /// <summary>Tells about a file in the container. A symbolic link is not followed, unless the path ends with a slash or <c>/.</c></summary>
    /// <exception cref="EngineException">NotFound: no such container or path.</exception>
    /// <param name="container">Which.</param>
    /// <param name="path">Path in the container, relative to <c>/</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<PathStat> StatAsync(string container, string path, CancellationToken cancellationToken) => WithViewAsync(container, (found, view) =>
    {
        using SafeFileHandle place = Open(view, path, container);
        return StatOf(view, place, path);
    }, cancellationToken);

    /// <summary>Unpacks an archive in a directory of the container.</summary>
    /// <exception cref="EngineException">
    /// NotFound: no such container or path. InvalidArgument: the path is no directory, or is on something read-only. Internal: an entry cannot be written.
    /// </exception>
    /// <param name="container">Which.</param>
    /// <param name="path">The directory, relative to <c>/</c>; links are followed.</param>
    /// <param name="archive">The archive, compressed or not; read synchronously by a thread that may wait. Closed at the end.</param>
    /// <param name="keepKinds">Whether a directory is never replaced by something else, nor something else by a directory.</param>
    /// <param name="asUser">Whether everything belongs to the container's user instead of whom the archive says.</param>
    /// <param name="cancellationToken">Gives up between two entries; what was written stays.</param>
    public Task ExtractAsync(string container, string path, Stream archive, bool keepKinds, bool asUser, CancellationToken cancellationToken) => WithViewAsync(container, (found, view) =>
    {
        using SafeFileHandle directory = view.Root.TryOpenInside(path, Libc.O_PATH) ?? throw NotThere(path, container);
        if (FileStatus.Of(directory).Type != FileType.Directory)
        {
            EngineErrors.ThrowInvalid("extraction point is not a directory");
        }

        string place = view.Root.PathOf(directory);
        CheckWritable(found, place);
        view.PrepareThread();
        ExtractOptions options = new() { KeepKinds = keepKinds, Owner = asUser ? OwnerOf(found) : null, Ids = view.Ids };
        TreeArchive.Extract(view.Root, place, archive, options, cancellationToken);
        _parts.Publish(found, "extract-to-dir", ("path", path));
        return true;
    }, cancellationToken);

    /// <summary>Tells what the container changed in its root file system, in the order of paths.</summary>
    /// <exception cref="EngineException">NotFound: no such container.</exception>
    /// <param name="container">Which.</param>
    public IReadOnlyList<LayerChange> Changes(string container)
    {
        Container found = Find(container);
        return Translate(found, () => LayerChanges.Find(_parts.Paths.Container(found.Id) + "/upper", ContainerView.LowersOf(found, _parts), RuntimeMarks.Contains));
    }

    /// <summary>Makes an image of a container.</summary>
    /// <exception cref="EngineException">NotFound: no such container. InvalidArgument: the name or a change is wrong.</exception>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    /// <returns>The image's id.</returns>
    public async Task<string> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        Container found = Find(request.Container);
        ImageReference? reference = string.IsNullOrEmpty(request.Repository) ? null : ImageService.Name(request.Repository, request.Tag);
        bool paused = request.Pause && await TryPauseAsync(found, cancellationToken);
        ImageRecord image;
        try
        {
            image = await _committer.CommitAsync(found, request, reference, cancellationToken);
        }
        finally
        {
            if (paused)
            {
                await ThawAsync(found);
            }
        }

        _parts.Publish(found, "commit", ("comment", request.Comment), ("imageID", image.Id), ("imageRef", reference?.Familiar ?? ""));
        return image.Id;
    }

    private async Task<bool> TryPauseAsync(Container container, CancellationToken cancellationToken)
    {
        try
        {
            await _containers.PauseAsync(container.Id, cancellationToken);
            return true;
        }
        catch (EngineException e) when (e.Class == ErrorClass.Conflict)
        {
            return false; // it does not run, or is paused already: nothing changes its files
        }
    }

    private async Task ThawAsync(Container container)
    {
        try
        {
            await _containers.UnpauseAsync(container.Id, CancellationToken.None);
        }
        catch (EngineException e) when (e.Class == ErrorClass.Conflict)
        {
            // It was killed, or thawed by somebody else.
        }
    }

    private Container Find(string container)
    {
        Container found = _parts.Containers.Find(container);
        return found.State.Status is ContainerStatus.Dead or ContainerStatus.Removing
            ? throw new EngineException(ErrorClass.Conflict, $"container {found.Id} is being removed")
            : found;
    }

    // One that does not run must not be started, or mounted a second time, while its writable layer is mounted here.
    private static async Task<bool> HoldAsync(Container container, CancellationToken cancellationToken)
    {
        await container.Turn.WaitAsync(cancellationToken);
        if (!container.State.IsAlive)
        {
            return true;
        }

        container.Turn.Release();
        return false;
    }

    private static void Release(Container container, bool held)
    {
        if (held)
        {
            container.Turn.Release();
        }
    }

    private async Task<T> WithViewAsync<T>(string container, Func<Container, ContainerView, T> work, CancellationToken cancellationToken)
    {
        Container found = Find(container);
        bool held = await HoldAsync(found, cancellationToken);
        try
        {
            return await Task.Factory.StartNew(
                () => Translate(found, () =>
                {
                    using ContainerView view = ContainerView.OpenMounted(found, _parts);
                    return work(found, view);
                }),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        finally
        {
            Release(found, held);
        }
    }

    private static T Translate<T>(Container container, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (StorageException e)
        {
            throw new EngineException(e.Kind == StorageErrorKind.NoSpace ? ErrorClass.ResourceExhausted : ErrorClass.Internal, e.Message, e);
        }
        catch (LinuxException e)
        {
            throw new EngineException(e.Errno == Errno.ENOSPC ? ErrorClass.ResourceExhausted : ErrorClass.Internal, e.Message, e);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"container {container.Id}: the archive is damaged: {e.Message}", e);
        }
    }

    private static EngineException NotThere(string path, string container)
    {
        LinuxException failure = LinuxException.Last("openat2", path);
        return failure.Errno is Errno.ENOENT
            ? new EngineException(ErrorClass.NotFound, $"Could not find the file {path} in container {container}", failure)
            : new EngineException(failure.Errno is Errno.ENOTDIR or Errno.ELOOP ? ErrorClass.InvalidArgument : ErrorClass.Internal, $"lstat {path}: {failure.Errno.Describe()}", failure);
    }

    private static SafeFileHandle Open(ContainerView view, string path, string container)
        => view.Root.TryOpenInside(path, Libc.O_PATH | Libc.O_NOFOLLOW) ?? throw NotThere(path, container);

    private static PathStat StatOf(ContainerView view, SafeFileHandle place, string path)
    {
        FileStatus status = FileStatus.Of(place);
        DateTimeOffset modified = DateTimeOffset.FromUnixTimeSeconds(status.ModifiedSeconds).AddTicks(status.ModifiedNanoseconds / 100);
        string target = status.Type == FileType.SymbolicLink ? ResolveLink(view, place, path) : "";
        return new PathStat(BaseOf(path), status.SizeBytes, GoFileMode.Of(status), modified, target);
    }

    // As far as it leads: where the end is missing, what the last link says.
    private static string ResolveLink(ContainerView view, SafeFileHandle link, string path)
    {
        using SafeFileHandle? end = view.Root.TryOpenInside(path, Libc.O_PATH);
        if (end is not null)
        {
            return view.Root.PathOf(end);
        }

        string target = ConfinedRoot.LinkTargetOf(link);
        if (!target.StartsWith('/'))
        {
            string above = Mounts.ContainerPath.Clean(path + "/..");
            using SafeFileHandle? folder = view.Root.TryOpenInside(above, Libc.O_PATH | Libc.O_DIRECTORY);
            target = (folder is null ? above : view.Root.PathOf(folder)) + "/" + target;
        }

        return Mounts.ContainerPath.Clean(target);
    }

    // Go's filepath.Base, but a "." at the end stays.
    private static string BaseOf(string path)
    {
        string trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    // Docker's texts. The kernel would refuse too, but entry by entry.
    private static void CheckWritable(Container container, string path)
    {
        ContainerMount? mount = container.Document.Mounts.Where(m => path == m.Destination || path.StartsWith(m.Destination + "/", StringComparison.Ordinal))
            .MaxBy(static m => m.Destination.Length);
        if (mount is { RW: false })
        {
            EngineErrors.ThrowInvalid("mounted volume is marked read-only");
        }

        if (mount is null && container.Document.HostConfig.ReadonlyRootfs)
        {
            EngineErrors.ThrowInvalid("container rootfs is marked read-only");
        }
    }

    private (uint Uid, uint Gid)? OwnerOf(Container container)
    {
        string user = container.Document.Config.User;
        if (user.Length == 0)
        {
            return null;
        }

        LayeredRoot root = new([_parts.Paths.Container(container.Id) + "/upper", .. container.Snapshot.LowerDirs]);
        UserIdentity identity = UserResolver.Resolve(user, null, root.TryRead);
        return (identity.Uid, identity.Gid);
    }
}
