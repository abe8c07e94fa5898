using Microsoft.Data.Sqlite;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Execs;
using Tare.Engine.Health;
using Tare.Engine.Images;
using Tare.Network;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Protocol;
using Tare.Storage.Layers;

namespace Tare.Engine.Lifecycle;

/// <summary>
/// Finds back what an earlier daemon left, whatever way that one ended: containers that run are watched again, ends that happened meanwhile are taken from the exit files,
/// starts that were cut off are undone, and what belongs to nothing is removed.
/// </summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="watcher">Watches containers.</param>
/// <param name="consequences">Removes and restarts them.</param>
/// <param name="images">Sweeps layers and blobs.</param>
/// <param name="execs">Takes the exec sessions that shims remember.</param>
/// <param name="health">Checks the health of those that run.</param>
internal sealed class Recovery(
    EngineParts parts, ContainerWatcher watcher, ExitConsequences consequences, ImageRemover images, ExecTable execs, HealthMonitors health)
{
    /// <summary>Longest wait for the answer of one shim: one that does not answer on a busy machine within this time hangs.</summary>
    private static readonly TimeSpan s_shimPatience = TimeSpan.FromSeconds(20);

    /// <summary>Recovers all containers, then sweeps.</summary>
    public async Task RunAsync()
    {
        await Task.WhenAll(parts.Containers.All.Select(RecoverAsync));
        foreach ((string volume, _) in parts.Volumes.All)
        {
            parts.VolumeMounts.ReleaseUnused(volume);
        }

        SweepInterfaces();
        SweepShims();
        SweepFolders();
        images.Sweep(digest => Log.LeftoverRemoved(parts.Log, digest));
    }

    private async Task RecoverAsync(Container container)
    {
        try
        {
            if (!await TryReconnectAsync(container))
            {
                await TakeEndAsync(container);
            }

            EnsureFolders(container);
            ResumeLog(container);
        }
        catch (Exception e) when (e is EngineException or IOException or ShimException or TimeoutException or SqliteException)
        {
            Log.RestoreFailed(parts.Log, container.Id, e);
        }
    }

    /// <summary>Connects to the container's shim; false when there is none, or its container did not get to run.</summary>
    private async Task<bool> TryReconnectAsync(Container container)
    {
        if (!File.Exists(parts.Paths.ShimSocket(container.Id)))
        {
            return false;
        }

        ShimClient? shim = null;
        ShimState state;
        using CancellationTokenSource limit = new(s_shimPatience);
        try
        {
            shim = await ShimClient.ConnectAsync(parts.Paths.ShimSocket(container.Id), limit.Token);
            state = await shim.StateAsync(limit.Token);
        }
        catch (ShimException)
        {
            shim?.Dispose();
            return false;
        }
        catch (OperationCanceledException)
        {
            // Nobody could ever stop its container again.
            shim?.Dispose();
            Log.ShimKilled(parts.Log, container.Id);
            ShimProcess.KillOf(parts, container.Id);
            return false;
        }

        if (state.Status is "new" or "created")
        {
            await shim.ShutdownAsync(limit.Token);
            shim.Dispose();
            container.ChangeState(s => s with { Status = s.StartedAt is null ? ContainerStatus.Created : ContainerStatus.Exited, Pid = 0 });
            return false;
        }

        TimeSpan age = ProcessAge.Of(state.Pid);
        container.Change(c =>
        {
            c.Shim = shim;
            c.ShimPid = state.ShimPid;
            c.RunBegan = parts.Time.GetTimestamp() - (long)(age.TotalSeconds * parts.Time.TimestampFrequency);
            c.Run.State = c.Run.State with
            {
                Status = state.Status == "paused" ? ContainerStatus.Paused : ContainerStatus.Running,
                Pid = state.Pid,
                StartedAt = c.Run.State.StartedAt ?? parts.Time.GetUtcNow(),
                Health = c.Run.State.Health ?? HealthRules.AtStart(c.Document.Config.Healthcheck, null),
            };
        });
        execs.Restore(container.Id, state.Execs);
        foreach (ShimExecState session in state.Execs.Where(e => e.Running))
        {
            container.SetExec(session.ExecId, running: true);
        }

        parts.Networks.Restore(container);
        health.Begin(container, age);
        container.Watch = watcher.Begin(container, shim, process: null, Task.FromResult(true));
        return true;
    }

    /// <summary>Takes the end of a container that ran when the last daemon ended and runs no more.</summary>
    private async Task TakeEndAsync(Container container)
    {
        parts.Networks.Release(container);
        ContainerState state = container.State;
        ExitRecord? record = watcher.ReadExitFile(container.Id);

        // A start whose record was not stored any more: its end is not the one that is known. A clock that was set back makes it look older.
        bool unknownRun = record is not null && !state.IsAlive && record.ExitedAt != state.FinishedAt;
        if (state.IsAlive || unknownRun)
        {
            await watcher.HandleAsync(container, watcher.EndWithoutShim(container.Id));
            return;
        }

        Leftovers.Destroy(parts, container.Id);
        if (container.Document.HostConfig.AutoRemove && state.StartedAt is not null)
        {
            await consequences.RemoveAsync(container);
        }
        else if (state.Status is ContainerStatus.Restarting or ContainerStatus.Removing)
        {
            container.ChangeState(s => s with { Status = ContainerStatus.Exited });
        }
    }

    /// <summary>What the last daemon did not send or compress any more.</summary>
    private void ResumeLog(Container container)
    {
        if (container.Removed.Task.IsCompleted || container.LogFile is not { } path)
        {
            return;
        }

        parts.LogForwarders.Resume(container.Snapshot, container.State.IsAlive ? container.NextExit : Task.CompletedTask);
        if (container.Log.Compress && File.Exists(path + ".1"))
        {
            parts.LogCompressor.Add(path);
        }
    }

    /// <summary>A power cut may have taken folders whose record was stored.</summary>
    private void EnsureFolders(Container container)
    {
        if (!container.Removed.Task.IsCompleted)
        {
            foreach (string name in (ReadOnlySpan<string>)["upper", "work", "rootfs"])
            {
                Directory.CreateDirectory($"{parts.Paths.Container(container.Id)}/{name}");
            }
        }
    }

    /// <summary>Removes interfaces of starts that were cut off before they were noted.</summary>
    private void SweepInterfaces()
    {
        try
        {
            foreach (string name in parts.Networks.RemoveStaleInterfaces(parts.Containers.All))
            {
                Log.LeftoverRemoved(parts.Log, name);
            }
        }
        catch (NetworkException e)
        {
            Log.StaleInterfacesStay(parts.Log, e);
        }
    }

    /// <summary>Ends shims and removes bundles of containers that do not run or do not exist.</summary>
    private void SweepShims()
    {
        foreach (string folder in Directory.EnumerateDirectories(parts.Paths.Shims))
        {
            string id = Path.GetFileName(folder);
            if (parts.Containers.TryFind(id) is not { State.IsAlive: true })
            {
                Leftovers.Destroy(parts, id);
                Remove(folder);
            }
        }
    }

    private void SweepFolders()
    {
        foreach (string folder in Directory.EnumerateDirectories(parts.Paths.Containers))
        {
            if (folder != parts.Paths.Trash && parts.Containers.TryFind(Path.GetFileName(folder)) is null)
            {
                Remove(folder);
            }
        }

        foreach (string folder in Directory.EnumerateDirectories(parts.Paths.Trash))
        {
            Remove(folder);
        }
    }

    private void Remove(string folder)
    {
        try
        {
            TreeRemover.Remove(folder);
            Log.LeftoverRemoved(parts.Log, folder);
        }
        catch (IOException e)
        {
            Log.LeftoverStays(parts.Log, folder, e);
        }
    }
}
