using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Execs;
using Tare.Engine.Lifecycle;
using Tare.Engine.Validation;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Health;

/// <summary>Runs one health check: the test's command as an exec session, with a limit of time and output.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="execs">Runs the session.</param>
/// <param name="table">Knows its exit code.</param>
internal sealed class HealthProbe(EngineParts parts, ExecService execs, ExecTable table)
{
    /// <summary>Bytes of output that a result keeps (maxOutputLen of dockerd).</summary>
    private const int LongestOutput = 4096;

    /// <summary>Runs a check.</summary>
    /// <returns>Its result; null when the container ended or was paused meanwhile, which says nothing about its health.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the command was killed.</exception>
    public async Task<HealthResult?> RunAsync(Container container, CancellationToken cancellationToken)
    {
        ContainerConfig config = container.Document.Config;
        DateTimeOffset start = parts.Time.GetUtcNow();
        if (HealthRules.CommandOf(config) is not { } command)
        {
            return new HealthResult(start, start, -1, $"unknown type of health check: {config.Healthcheck!.Test![0]}");
        }

        string? session = null;
        try
        {
            session = execs.Create(container.Id, new ExecConfig { Cmd = command, AttachStdout = true, AttachStderr = true, Privileged = container.Document.HostConfig.Privileged });
            return await RunSessionAsync(container, session, start, cancellationToken);
        }
        catch (EngineException) when (container.State.Status != ContainerStatus.Running)
        {
            return null;
        }
        catch (EngineException e)
        {
            return new HealthResult(start, parts.Time.GetUtcNow(), -1, e.Message);
        }
        finally
        {
            if (session is not null)
            {
                table.Remove(session);
            }
        }
    }

    private async Task<HealthResult?> RunSessionAsync(Container container, string session, DateTimeOffset start, CancellationToken cancellationToken)
    {
        Task<int> end = table.EndOf(session);
        TimeSpan limit = HealthRules.TimeoutOf(container.Document.Config.Healthcheck!);
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource timeout = new(limit, parts.Time);
        await using CancellationTokenRegistration link = timeout.Token.Register(timer.Cancel);
        ProbeOutput output = new(LongestOutput);
        using Attachment attachment = (await execs.StartAsync(session, detach: false, consoleSize: null, cancellationToken))!;
        Task reading = ReadAsync(attachment.Stream, output, timer.Token);
        try
        {
            int exitCode = await end.WaitAsync(timer.Token);
            await reading;
            return container.State.Status == ContainerStatus.Running ? new HealthResult(start, parts.Time.GetUtcNow(), exitCode, output.ToString()) : null;
        }
        catch (OperationCanceledException)
        {
            await KillAsync(container, session, end);
            cancellationToken.ThrowIfCancellationRequested();
            string text = output.ToString();
            string message = string.Create(CultureInfo.InvariantCulture, $"Health check exceeded timeout ({GoDuration.Format(limit)}){(text.Length > 0 ? ": " : "")}{text}");
            return new HealthResult(start, parts.Time.GetUtcNow(), -1, message);
        }
    }

    private static async Task ReadAsync(Stream stream, ProbeOutput output, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[LongestOutput];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            output.Add(buffer.AsSpan(0, count));
        }
    }

    private static async Task KillAsync(Container container, string session, Task<int> end)
    {
        try
        {
            await ContainerStopper.RunningShim(container).KillAsync(Signals.Kill, execId: session);
            await end.WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (Exception e) when (e is ShimException or EngineException or TimeoutException)
        {
            // The session, or all of its container, has ended by itself.
        }
    }
}
