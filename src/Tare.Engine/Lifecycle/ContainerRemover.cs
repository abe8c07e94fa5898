using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Execs;
using Tare.Engine.State;
using Tare.Engine.Volumes;

namespace Tare.Engine.Lifecycle;

/// <summary>Removes containers. The folder is moved to the trash, which is quick, and deleted from there in the background.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="execs">Exec sessions, forgotten with their container.</param>
internal sealed class ContainerRemover(EngineParts parts, ExecTable execs)
{
    private Task _deleting = Task.CompletedTask;

    /// <summary>Called with a container that has gone: its layers may be nobody's now.</summary>
    public Func<Container, Task> LayersFreed { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Removes a container that does not run. <see cref="Container.Turn"/> is held by the caller.</summary>
    public async Task RemoveAsync(Container container, bool volumes)
    {
        if (container.Removed.Task.IsCompleted)
        {
            throw EngineErrors.NoSuchContainer(container.Id);
        }

        ContainerState last = container.State;
        container.ChangeState(s => s with { Status = ContainerStatus.Removing });
        await parts.LogForwarders.EndAsync(container.Id);
        string trash = $"{parts.Paths.Trash}/{container.Id}";
        try
        {
            if (Directory.Exists(parts.Paths.Container(container.Id)))
            {
                Directory.Move(parts.Paths.Container(container.Id), trash);
            }
        }
        catch (IOException e)
        {
            container.ChangeState(_ => last with { Status = ContainerStatus.Dead });
            throw new EngineException(ErrorClass.Internal, $"container {container.Id}: driver \"overlay2\" failed to remove root filesystem: {e.Message}", e);
        }

        await ForgetRecordAsync(container, last, trash);
        parts.Layers.Release(container.Document.LayerProject);
        parts.Containers.Remove(container);
        execs.Forget(container.Id);
        foreach (PendingAttachment pending in container.TakePending())
        {
            pending.Result.TrySetResult(null);
        }

        parts.Publish(container, "destroy");
        container.Removed.TrySetResult(last);
        _deleting = DeleteLaterAsync(_deleting, trash);
        await LayersFreed(container);
        if (volumes)
        {
            await RemoveVolumesAsync(container);
        }
    }

    /// <summary>Deletes the record. On a full disk the container's files go first: what they occupied lets the record be written, and a removal is what a full disk needs.</summary>
    private async Task ForgetRecordAsync(Container container, ContainerState last, string trash)
    {
        try
        {
            try
            {
                await parts.Records.DeleteAsync(container.Id);
            }
            catch (EngineException e) when (e.Class == ErrorClass.ResourceExhausted)
            {
                await DeleteLaterAsync(Task.CompletedTask, trash);
                await parts.Records.DeleteAsync(container.Id);
            }
        }
        catch (EngineException)
        {
            container.ChangeState(_ => last with { Status = ContainerStatus.Dead });
            throw;
        }
    }

    /// <summary>Ends when everything in the trash is deleted.</summary>
    public Task DrainAsync() => _deleting;

    private async Task RemoveVolumesAsync(Container container)
    {
        foreach (ContainerMount mount in container.Document.Mounts.Where(m => m is { Type: "volume", Anonymous: true }))
        {
            if (!parts.Containers.All.Any(c => c.Document.Mounts.Exists(m => m.Name == mount.Name)))
            {
                if (PluginVolumes.IsPlugin(mount.Driver))
                {
                    await Task.Run(() => parts.PluginVolumes.Remove(mount.Name, mount.Driver));
                }

                await parts.Volumes.RemoveAsync(mount.Name);
                parts.Events.Publish("volume", "destroy", mount.Name, new Dictionary<string, string> { ["driver"] = mount.Driver.Length > 0 ? mount.Driver : "local" });
            }
        }
    }

    private async Task DeleteLaterAsync(Task before, string folder)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The container had no folder.
        }
        catch (IOException e)
        {
            // The sweep at the next start tries again.
            Log.LeftoverStays(parts.Log, folder, e);
        }
        catch (UnauthorizedAccessException e)
        {
            Log.LeftoverStays(parts.Log, folder, e);
        }
    }
}
