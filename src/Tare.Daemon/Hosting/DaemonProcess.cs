using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Tare.Daemon.Logging;
using Tare.Daemon.Options;
using Tare.Docker;
using Tare.Engine;
using Tare.Engine.Errors;

namespace Tare.Daemon.Hosting;

/// <summary>The daemon's life: engine, sockets, signals, and the way back.</summary>
internal static class DaemonProcess
{
    // Requests that do not end by themselves in this time are cut off. Their containers do not notice.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // As dockerd: the signal after these ends the daemon at once, whatever its containers do.
    private const int PatientSignals = 3;

    /// <summary>Runs a daemon until SIGTERM, SIGINT or the token ends it. Containers keep running unless live-restore is switched off.</summary>
    /// <returns>0 after an orderly end, 1 when it could not run; the log says why.</returns>
    /// <param name="configure">Reads the set-up.</param>
    /// <param name="cancellationToken">Ends it as a signal does.</param>
    public static async Task<int> RunAsync(Func<DaemonOptions> configure, CancellationToken cancellationToken)
    {
        StrongBox<LogLevel> level = new(LogLevel.Information);
        try
        {
            DaemonOptions options = configure();
            level.Value = options.MinimumLevel;
            using LoggerFactory loggers = Logs.Create(() => level.Value, options.LogFormat);
            await ServeAsync(options, loggers, () => Reload(configure, loggers.CreateLogger("tared"), level), cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is OptionException or EngineException or IOException or UnauthorizedAccessException)
        {
            using LoggerFactory loggers = Logs.Create(() => level.Value, null);
            Log.CannotRun(loggers.CreateLogger("tared"), e.Message);
            return 1;
        }
    }

    /// <summary>Reads the set-up again and takes over what may change while the daemon runs; a faulty file changes nothing.</summary>
    private static DaemonOptions? Reload(Func<DaemonOptions> configure, ILogger logger, StrongBox<LogLevel> level)
    {
        try
        {
            DaemonOptions options = configure();
            level.Value = options.MinimumLevel;
            return options;
        }
        catch (OptionException e)
        {
            Log.ReloadFailed(logger, e.Message);
            return null;
        }
    }

    private static async Task ServeAsync(DaemonOptions options, LoggerFactory loggers, Func<DaemonOptions?> reload, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger("tared");
        TareEngineOptions engineOptions = EngineOptions.From(options);
        ServerTls? tls = ServerTls.Of(options);
        ListenAddress[] addresses = [.. (options.Hosts ?? [$"unix://{engineOptions.ExecRoot}/tare.sock"]).Select(text => ListenAddress.Parse(text, tls is not null))];
        uint? group = addresses.Any(a => a.Path is not null) ? Groups.Resolve(options.Group) : null;
        MakeFolder(engineOptions.DataRoot);
        MakeFolder(engineOptions.ExecRoot);
        using CancellationTokenSource asked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        StrongBox<int> signals = new();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, asked, signals, logger));
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, asked, signals, logger));
        await using TareEngine engine = new(engineOptions, loggers, TimeProvider.System);

        // Not the end, as a terminal that closes would have it: the set-up is read again.
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            if (reload() is { } next)
            {
                Take(engine, next, logger);
            }
        });

        await engine.StartAsync(asked.Token);
        List<ListeningSocket> sockets = [];
        string pidFile = options.PidFile ?? Path.Combine(engineOptions.ExecRoot, "tared.pid");
        try
        {
            foreach (ListenAddress address in addresses)
            {
                sockets.AddRange(ListeningSocket.Bind(address, group));
            }

            await File.WriteAllTextAsync(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), asked.Token);
            using CancellationTokenSource stopping = new();
            await ListenAsync(engine, new DockerApi(engine, loggers, TimeProvider.System, stopping.Token), sockets, tls, loggers, stopping, asked.Token);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
            File.Delete(pidFile);
        }
    }

    private static async Task ListenAsync(
        TareEngine engine, DockerApi api, List<ListeningSocket> sockets, ServerTls? tls, LoggerFactory loggers, CancellationTokenSource stopping, CancellationToken asked)
    {
        ILogger logger = loggers.CreateLogger("tared");
        await using IdleMemory memory = new(api.InvokeAsync, TimeProvider.System);
        await using ApiServer server = new(sockets, memory.InvokeAsync, tls, loggers);
        await server.StartAsync(asked);
        foreach (ListeningSocket socket in sockets)
        {
            Log.Listening(logger, socket.Description);
        }

        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = asked.UnsafeRegister(static s => ((TaskCompletionSource)s!).SetResult(), stopped);
        await stopped.Task;
        await StopContainersAsync(engine, logger);
        await stopping.CancelAsync();
        using CancellationTokenSource patience = new(s_patience, TimeProvider.System);
        await server.StopAsync(patience.Token);
        Log.Stopped(logger);
    }

    private static void Take(TareEngine engine, DaemonOptions options, ILogger logger)
    {
        try
        {
            engine.Reload(EngineOptions.From(options), options.MinimumLevel == LogLevel.Debug);
            Log.Reloaded(logger);
        }
        catch (Exception e) when (e is OptionException or EngineException)
        {
            Log.ReloadFailed(logger, e.Message);
        }
    }

    /// <summary>While the API still answers: who waits for a container or is attached to it learns of its end.</summary>
    private static async Task StopContainersAsync(TareEngine engine, ILogger logger)
    {
        if (engine.Options.LiveRestore)
        {
            return;
        }

        Log.StoppingContainers(logger);
        if (!await engine.ShutdownContainersAsync())
        {
            Log.ContainersStay(logger);
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource asked, StrongBox<int> signals, ILogger logger)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref signals.Value) > PatientSignals)
        {
            Log.Forced(logger, signal.Signal);
            Environment.Exit(128 + (signal.Signal == PosixSignal.SIGINT ? 2 : 15));
        }

        Log.Stopping(logger, signal.Signal);
        asked.Cancel();
    }

    private static void MakeFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            // Others must reach what lies below by name (volumes of user namespaces), and see no names.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
