using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Linux.Quota;
using Tare.Runtime.Layers;

namespace Tare.Engine.Layers;

/// <summary>
/// Keeps the writable layers of containers to their sizes: by a project's quota where the data root's file system enforces such, otherwise by a server for each layer
/// that is in use (<c>tare-runtime layer</c>), which ends with the layer's mount. Containers without a limit have neither.
/// </summary>
/// <param name="paths">Where everything lies.</param>
/// <param name="runtimePath">The program tare-runtime.</param>
internal sealed class LimitedLayers(EnginePaths paths, string runtimePath)
{
    private const uint FirstProject = 1 << 20;
    private readonly Lazy<ProjectQuota?> _quota = new(() => ProjectQuota.TryOpen(paths.DataRoot));
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private uint _lastProject = FirstProject;
    private int _lastView;

    /// <summary>Whether a project's id is a container's or a volume's, though nothing may belong to it yet.</summary>
    public Func<uint, bool> IsTaken { get; set; } = static _ => false;

    /// <summary>The quotas of the data root's file system; null when it enforces none.</summary>
    public ProjectQuota? Quota => _quota.Value;

    /// <summary>Gives folders that have just been made a project of their own where the file system has such; 0 where not.</summary>
    /// <param name="folders">The folders, empty.</param>
    /// <param name="bytes">The limit; 0 for none.</param>
    /// <exception cref="Linux.LinuxException">The kernel refuses.</exception>
    public uint Assign(IReadOnlyList<string> folders, long bytes)
    {
        if (Quota is not { } quota)
        {
            return 0;
        }

        uint project;
        lock (_lock)
        {
            do
            {
                project = ++_lastProject;
            }
            while (IsTaken(project) || !quota.IsFree(project));
        }

        foreach (string folder in folders)
        {
            ProjectQuota.Assign(folder, project);
        }

        if (bytes > 0)
        {
            quota.SetLimit(project, bytes);
        }

        return project;
    }

    /// <summary>Gives a project back whose files are removed, or will be.</summary>
    public void Release(uint project)
    {
        if (project != 0)
        {
            Quota?.SetLimit(project, 0);
        }
    }

    /// <summary>Whether a container's layer needs a server while it is in use.</summary>
    public static bool NeedsServer(Container container) => container.Document is { LayerSizeBytes: > 0, LayerProject: 0 };

    /// <summary>
    /// Starts the server for a container that is about to start; its socket is <see cref="EnginePaths.LayerSocket"/>. Reaped by the caller once the container has ended.
    /// </summary>
    /// <exception cref="Linux.LinuxException">The program cannot be started.</exception>
    public SpawnedProcess Start(Container container) => Spawn(container, paths.LayerSocket(container.Id));

    /// <summary>The mount of a layer whose container does not run, for the time of a look at it; the caller's. Its folders are <c>upper</c> and <c>work</c>.</summary>
    /// <exception cref="IOException">It could not be mounted.</exception>
    public SafeFileHandle Mount(Container container)
    {
        string socket;
        lock (_lock)
        {
            socket = $"{paths.Views}/{++_lastView}";
        }

        File.Delete(socket);
        SpawnedProcess process = Spawn(container, socket);
        try
        {
            return LayerClient.TakeMount(socket);
        }
        finally
        {
            File.Delete(socket);
            _ = ReapAsync(process);
        }
    }

    /// <summary>A limited layer's server shows no mapped ids.</summary>
    public static EngineException CannotMapIds() => new(
        ErrorClass.FailedPrecondition,
        "the writable layer of a container in a user namespace can be kept to a size only by project quotas, which the data root's file system does not enforce (hint: --userns=host)");

    /// <summary>Waits for a server's end.</summary>
    public static async Task ReapAsync(SpawnedProcess process)
    {
        using (process)
        {
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Changes a container's limit, also while it runs.</summary>
    /// <exception cref="EngineException">Conflict: it runs without one, and only a start can bring one.</exception>
    public void Change(Container container, long bytes)
    {
        if (container.Document.LayerProject is not 0 and uint project)
        {
            Quota?.SetLimit(project, bytes);
            return;
        }

        if (!container.State.IsAlive)
        {
            return;
        }

        if (!File.Exists(paths.LayerSocket(container.Id)))
        {
            throw new EngineException(ErrorClass.Conflict, $"Cannot update container {container.Id}: the size of its writable layer can be limited only while it does not run");
        }

        try
        {
            LayerClient.SetLimit(paths.LayerSocket(container.Id), bytes == 0 ? long.MaxValue / 2 : bytes);
        }
        catch (IOException e)
        {
            throw new EngineException(ErrorClass.Internal, $"Cannot update container {container.Id}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Brings what processes of a running container wrote to shared mappings into the layer's files. An unlimited layer has one page cache for both; here that of the mount is
    /// written first (syncfs(2)), and the server has to have done it, for which the kernel does not wait.
    /// </summary>
    /// <exception cref="EngineException">Internal: the kernel or the server refuses.</exception>
    public void Synchronize(Container container)
    {
        if (!container.State.IsAlive || !File.Exists(paths.LayerSocket(container.Id)))
        {
            return;
        }

        try
        {
            using ConfinedRoot root = ConfinedRoot.Open($"/proc/{container.State.Pid}/root");
            using SafeFileHandle readable = ConfinedRoot.Reopen(root.Handle, Libc.O_RDONLY | Libc.O_DIRECTORY);
            if (Libc.syncfs((int)readable.DangerousGetHandle()) != 0)
            {
                throw LinuxException.Last("syncfs", "/");
            }

            LayerClient.Synchronize(paths.LayerSocket(container.Id));
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOTCONN or Errno.ECONNREFUSED)
        {
            // The server has died, and what was not written went with it: the layer is what is on the disk.
        }
        catch (IOException e)
        {
            throw new EngineException(ErrorClass.Internal, $"container {container.Id}: {e.Message}", e);
        }
    }

    private SpawnedProcess Spawn(Container container, string socketPath) => RuntimeProcess.Spawn(
        runtimePath,
        ["layer", "--folder", paths.Container(container.Id), "--size", container.Document.LayerSizeBytes.ToString(CultureInfo.InvariantCulture)],
        socketPath,
        errorLog: null);
}
