using System.Globalization;
using Tare.Docker.Documents;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Logs;

namespace Tare.Docker.Endpoints;

/// <summary>Operations on containers whose answers go on: wait, logs, attach.</summary>
/// <param name="time">The clock.</param>
internal sealed class StreamEndpoints(TimeProvider time)
{
    /// <summary>Older clients get all three streams over a WebSocket.</summary>
    private static readonly ApiVersion s_streamsChosenSince = new(1, 42);

    /// <summary><c>POST /containers/{id}/wait</c>: the headers go out as soon as the wait is armed, and <c>docker run</c> starts the container only then.</summary>
    public static async Task WaitAsync(ApiRequest request)
    {
        WaitCondition condition = request.Query("condition") switch
        {
            null or "" or "not-running" => WaitCondition.NotRunning,
            "next-exit" => WaitCondition.NextExit,
            "removed" => WaitCondition.Removed,
            var other => throw new EngineException(ErrorClass.InvalidArgument, $"invalid condition: \"{other}\""),
        };
        Task<WaitResult> ended = await request.Engine.Containers.WaitAsync(request.Name, condition, request.Aborted);
        await request.StartStreamAsync("application/json");
        WaitResult result = await ended;
        WaitDocument document = new(result.StatusCode, result.Error is null ? null : new WaitErrorDocument(result.Error));
        await request.Context.Response.Body.WriteAsync(JsonLine.Serialize(document, ApiRequest.Json.WaitDocument, JsonLine.End), request.Aborted);
    }

    /// <summary><c>GET /containers/{id}/logs</c>.</summary>
    public static async Task LogsAsync(ApiRequest request)
    {
        LogOptions options = LogRequest(request);
        if (!options.Stdout && !options.Stderr)
        {
            throw new EngineException(ErrorClass.InvalidArgument, "Bad parameters: you must choose at least one stream");
        }

        bool isTty = request.Engine.Containers.Find(request.Name).Config.Tty;
        IAsyncEnumerable<LogEntry> entries = request.Engine.Containers.LogsAsync(request.Name, options, request.Aborted);
        await request.StartStreamAsync(isTty ? ContentTypes.Raw : ContentTypes.Multiplexed);
        LogWriter writer = new(request.Context.Response.BodyWriter, !isTty, request.QueryBool("timestamps"), request.QueryBool("details"));
        await writer.WriteAsync(entries, request.Aborted);
    }

    /// <summary><c>POST /containers/{id}/attach</c>: takes over the connection.</summary>
    public Task AttachAsync(ApiRequest request) => AttachAsync(
        request,
        new AttachOptions { Stdin = request.QueryBool("stdin"), Stdout = request.QueryBool("stdout"), Stderr = request.QueryBool("stderr") },
        async (isTty, serve) =>
        {
            await using HijackedConnection client = await HijackedConnection.OpenAsync(request, !isTty);
            await serve(client);
        },
        isMultiplexed: true);

    /// <summary><c>GET /containers/{id}/attach/ws</c>: the same over a WebSocket, with all output in one stream.</summary>
    public Task AttachWebSocketAsync(ApiRequest request)
    {
        bool chooses = request.Version.CompareTo(s_streamsChosenSince) >= 0;
        return AttachAsync(
            request,
            new AttachOptions
            {
                Stdin = !chooses || request.QueryBool("stdin"),
                Stdout = !chooses || request.QueryBool("stdout"),
                Stderr = !chooses || request.QueryBool("stderr"),
            },
            (_, serve) => WebSocketConnection.ServeAsync(request, serve),
            isMultiplexed: false);
    }

    private async Task AttachAsync(ApiRequest request, AttachOptions options, Func<bool, Func<IClientStreams, Task>, Task> connect, bool isMultiplexed)
    {
        byte[] detachKeys = DetachKeys.Parse(request.Query("detachKeys"));
        bool isTty = request.Engine.Containers.Find(request.Name).Config.Tty;
        bool isStream = request.QueryBool("stream");
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        Task<Attachment?>? pending = isStream ? await request.Engine.Containers.AttachAsync(request.Name, options, gone.Token) : null;
        bool isTaken = false;
        try
        {
            await connect(isTty, async client =>
            {
                if (request.QueryBool("logs"))
                {
                    await ReplayAsync(request, client, options, isMultiplexed && !isTty, gone.Token);
                }

                if (pending is not null)
                {
                    isTaken = true;
                    StreamBridge bridge = new(client, options.Stdin, isTty ? detachKeys : null, time, !isMultiplexed && !isTty ? OutputFraming.Stripped : OutputFraming.Kept);
                    await bridge.RunAsync(pending, gone.Cancel, request.Aborted);
                }
            });
        }
        finally
        {
            await gone.CancelAsync();
            if (!isTaken && pending is not null)
            {
                DisposeWhenThere(pending);
            }
        }
    }

    /// <summary>Sends what the container wrote before.</summary>
    private static async Task ReplayAsync(ApiRequest request, IClientStreams client, AttachOptions options, bool isMultiplexed, CancellationToken cancellationToken)
    {
        LogOptions past = new() { Stdout = options.Stdout, Stderr = options.Stderr };
        await new LogWriter(client.Output, isMultiplexed, false, false).WriteAsync(request.Engine.Containers.LogsAsync(request.Name, past, cancellationToken), cancellationToken);
    }

    // The attachment was armed, but its client failed before it could take it: the engine's task owns the rest and ends by its cancelled token.
    private static void DisposeWhenThere(Task<Attachment?> pending) => _ = pending.ContinueWith(
        static done =>
        {
            if (done.IsCompletedSuccessfully)
            {
                done.Result?.Dispose();
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private static LogOptions LogRequest(ApiRequest request)
    {
        string? until = request.Query("until");
        return new LogOptions
        {
            Stdout = request.QueryBool("stdout"),
            Stderr = request.QueryBool("stderr"),
            Follow = request.QueryBool("follow"),
            Since = GoTime.Parse(request.Query("since")),
            Until = until == "0" ? null : GoTime.Parse(until),
            // "all", and whatever else is no number, means everything.
            Tail = int.TryParse(request.Query("tail"), NumberStyles.None, CultureInfo.InvariantCulture, out int tail) ? tail : null,
        };
    }
}
