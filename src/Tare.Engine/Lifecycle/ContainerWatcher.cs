using System.Globalization;
using System.Text.Json;
using Tare.Engine.Containers;
using Tare.Engine.Execs;
using Tare.Engine.Health;
using Tare.Linux.Processes;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Engine.Lifecycle;

/// <summary>Follows the events of running containers' shims and takes the consequences of an exit: state, events, waiters, removal, restart.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="execs">Learns of the ends of exec sessions.</param>
/// <param name="health">Checks the health until the exit.</param>
internal sealed class ContainerWatcher(EngineParts parts, ExecTable execs, HealthMonitors health)
{
    /// <summary>Exit code of a container whose end nobody saw, as dockerd's after a crash.</summary>
    private const int UnknownExit = 255;

    /// <summary>What follows an exit: set by the engine, since restart and removal need the watcher themselves.</summary>
    public Func<Container, ContainerState, Task>? AfterExit { get; set; }

    /// <summary>Subscribes to a shim; the request is on its way when this returns, and the task ends when the exit was handled.</summary>
    /// <param name="container">The container.</param>
    /// <param name="shim">Its shim.</param>
    /// <param name="process">The shim's process when it is a child of this daemon: it is reaped after its end.</param>
    /// <param name="started">Whether the start succeeded: the end of one that failed has no consequences here.</param>
    public Task Begin(Container container, ShimClient shim, SpawnedProcess? process, Task<bool> started)
    {
        IAsyncEnumerator<ShimEvent> events = shim.SubscribeAsync().GetAsyncEnumerator();
        ValueTask<bool> first = events.MoveNextAsync();
        return FollowAsync(container, shim, process, events, first, started);
    }

    private async Task FollowAsync(Container container, ShimClient shim, SpawnedProcess? process, IAsyncEnumerator<ShimEvent> events, ValueTask<bool> first, Task<bool> started)
    {
        ExitRecord? exit = null;
        try
        {
            await using (events)
            {
                bool more = await first;
                while (more)
                {
                    exit = Take(container, events.Current) ?? exit;
                    more = exit is null && await events.MoveNextAsync();
                }
            }
        }
        catch (ShimException e) when (e.Kind == ShimErrorKind.Gone)
        {
            Log.ShimLost(parts.Log, container.Id);
        }

        try
        {
            if (await started)
            {
                shim.Dispose();
                exit ??= EndWithoutShim(container.Id);
                await HandleAsync(container, exit);
            }
        }
#pragma warning disable CA1031 // boundary: a background task that nobody else looks at
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.ExitHandlingFailed(parts.Log, container.Id, e);
        }

        if (process is not null)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Takes one event; the record when it is the exit.</summary>
    private ExitRecord? Take(Container container, ShimEvent occurrence)
    {
        switch (occurrence.Event)
        {
            case ShimEvent.OomKill:
                container.ChangeState(s => s with { OomKilled = true });
                parts.Publish(container, "oom");
                return null;
            case ShimEvent.ExecExit:
                execs.Ended(occurrence.ExecId ?? "", occurrence.ExitCode ?? 0);
                container.SetExec(occurrence.ExecId ?? "", running: false);
                parts.Publish(
                    container,
                    "exec_die",
                    ("execID", occurrence.ExecId ?? ""),
                    ("exitCode", (occurrence.ExitCode ?? 0).ToString(CultureInfo.InvariantCulture)));
                return null;
            case ShimEvent.LogRotate:
                if (container.Log.Compress && container.LogFile is { } log)
                {
                    parts.LogCompressor.Add(log);
                }

                return null;
            case ShimEvent.Exit:
                return new ExitRecord
                {
                    ExitCode = occurrence.ExitCode ?? 0,
                    ExitedAt = occurrence.At ?? parts.Time.GetUtcNow(),
                    OomKilled = occurrence.Oom ?? false,
                };
            default:
                return null;
        }
    }

    /// <summary>Takes the consequences of an exit.</summary>
    public async Task HandleAsync(Container container, ExitRecord exit)
    {
        health.End(container);
        execs.EndAll(container.Id);
        container.Change(c => c.Shim = null);
        TryDeleteFolder(parts.Paths.Shim(container.Id));
        parts.Networks.Release(container);
        container.LastRun = container switch
        {
            { RunBegan: { } began } => parts.Time.GetElapsedTime(began),
            { State.StartedAt: { } started } when exit.ExitedAt > started => exit.ExitedAt - started,
            _ => TimeSpan.Zero,
        };
        container.RunBegan = null;
        container.Exited(s => s with
        {
            Status = ContainerStatus.Exited,
            Pid = 0,
            ExitCode = exit.ExitCode,
            FinishedAt = exit.ExitedAt,
            OomKilled = s.OomKilled || exit.OomKilled,
            Health = s.Health is { } last ? last with { Status = HealthStatus.Unhealthy } : null,
        });
        parts.Publish(
            container,
            "die",
            ("exitCode", exit.ExitCode.ToString(CultureInfo.InvariantCulture)),
            ("execDuration", ((long)container.LastRun.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
        parts.VolumeMounts.Release(container);
        parts.PluginVolumes.Release(container);
        if (AfterExit is { } next)
        {
            await next(container, container.State);
        }
    }

    /// <summary>Reads what a shim wrote about its container's end; null when it wrote nothing.</summary>
    public ExitRecord? ReadExitFile(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(parts.Paths.ExitFile(id)), ShimJsonContext.Default.ExitRecord);
        }
        catch (IOException)
        {
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The end of a container whose shim has gone without telling it. A shim may be killed at any moment, also after it wrote the exit file: what is left of the container is killed
    /// and cleaned up in any case, or the next start would find it in its way.
    /// </summary>
    public ExitRecord EndWithoutShim(string id)
    {
        Leftovers.Destroy(parts, id);
        return ReadExitFile(id) ?? new ExitRecord { ExitCode = UnknownExit, ExitedAt = parts.Time.GetUtcNow() };
    }

    private void TryDeleteFolder(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It has gone already.
        }
        catch (IOException e)
        {
            // The sweep at the next start takes it.
            Log.LeftoverStays(parts.Log, folder, e);
        }
    }
}
