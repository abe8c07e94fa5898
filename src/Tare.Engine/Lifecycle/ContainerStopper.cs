using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Lifecycle;

/// <summary>Ends containers: signals, stops with a time limit, removals.</summary>
/// <param name="parts">The engine's parts.</param>
internal sealed class ContainerStopper(EngineParts parts)
{
    private const int DefaultTimeoutSeconds = 10;

    /// <summary>How long a container is given to end after its stop signal, in seconds; negative for as long as it takes.</summary>
    public static int TimeoutOf(Container container) => container.Document.Config.StopTimeout ?? DefaultTimeoutSeconds;

    /// <summary>Longest wait for a killed container: longer means that it hangs in the kernel.</summary>
    private static readonly TimeSpan s_killPatience = TimeSpan.FromSeconds(30);

    /// <summary>Sends a signal to a running container.</summary>
    /// <exception cref="EngineException">Conflict: it does not run.</exception>
    public async Task SignalAsync(Container container, int signal, CancellationToken cancellationToken)
    {
        ShimClient shim = RunningShim(container);
        try
        {
            await shim.KillAsync(signal, cancellationToken: cancellationToken);
        }
        catch (ShimException e) when (e.Kind is ShimErrorKind.Gone or ShimErrorKind.NotFound)
        {
            throw EngineErrors.NotRunning(container.Id);
        }

        parts.Publish(container, "kill", ("signal", signal.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Kills a container and waits for its end.</summary>
    public async Task KillAsync(Container container, CancellationToken cancellationToken)
    {
        Task exit = container.NextExit;
        try
        {
            await SignalAsync(container, Signals.Kill, cancellationToken);
        }
        catch (EngineException e) when (e.Class == ErrorClass.Conflict && !container.State.IsAlive)
        {
            return;
        }
        catch (EngineException e) when (e.Class == ErrorClass.Conflict)
        {
            // Its process has ended and the exit is on its way.
        }

        try
        {
            await exit.WaitAsync(s_killPatience, parts.Time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new EngineException(ErrorClass.Internal, $"container {container.Id} did not end within {s_killPatience.TotalSeconds:F0} s of SIGKILL", e);
        }
    }

    /// <summary>Stops a container; false when it did not run.</summary>
    public async Task<bool> StopAsync(Container container, int? timeoutSeconds, string? signal, CancellationToken cancellationToken)
    {
        int number = signal is { Length: > 0 } ? Signals.Parse(signal) : StopSignalOf(container);
        Task exit = container.NextExit;
        if (!container.State.IsAlive)
        {
            return false;
        }

        int seconds = timeoutSeconds ?? TimeoutOf(container);
        try
        {
            if (container.State.Status == ContainerStatus.Paused)
            {
                await RunningShim(container).ResumeAsync(cancellationToken);
            }

            await SignalAsync(container, number, cancellationToken);
            await exit.WaitAsync(seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds), parts.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await KillAsync(container, cancellationToken);
        }
        catch (EngineException e) when (e.Class == ErrorClass.Conflict)
        {
            // It ended by itself between the look and the signal.
            await exit.WaitAsync(s_killPatience, parts.Time, cancellationToken);
        }

        parts.Publish(container, "stop");
        return true;
    }

    /// <summary>The shim of a running container.</summary>
    /// <exception cref="EngineException">Conflict: it does not run.</exception>
    public static ShimClient RunningShim(Container container) =>
        container is { State.IsAlive: true, Shim: { } shim } ? shim : throw EngineErrors.NotRunning(container.Id);

    private static int StopSignalOf(Container container) =>
        container.Document.Config.StopSignal is { Length: > 0 } signal ? Signals.Parse(signal) : Signals.Terminate;
}
