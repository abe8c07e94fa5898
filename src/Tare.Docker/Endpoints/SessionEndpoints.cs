using Microsoft.AspNetCore.Http;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;
using Tare.Docker.Sessions;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>Sessions that clients open beside a build: the connection is turned round, so that the daemon calls what the client serves.</summary>
/// <param name="sessions">Takes the sessions.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionEndpoints(SessionTable sessions, TimeProvider time)
{
    private const string Protocol = "h2c";

    /// <summary>Pause between two questions whether the client is well, and the shortest patience with an answer: BuildKit's.</summary>
    private static readonly TimeSpan s_checkPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_checkPatience = TimeSpan.FromSeconds(30);

    /// <summary>So many good answers in a row make a bad one forgotten.</summary>
    private const int ChecksToForget = 5;

    /// <summary><c>POST /session</c>: answers 101 and serves until one side ends the connection.</summary>
    public async Task StartAsync(ApiRequest request)
    {
        IHeaderDictionary headers = request.Context.Request.Headers;
        string id = headers["X-Docker-Expose-Session-Uuid"].ToString();
        string protocol = headers.Upgrade.ToString();
        if (!sessions.TryReserve(id))
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"session {id} already exists");
        }

        try
        {
            if (protocol != Protocol)
            {
                throw new EngineException(ErrorClass.InvalidArgument, protocol.Length == 0 ? "no upgrade proto in request" : $"protocol {protocol} not supported");
            }

            await using HijackedConnection client = await HijackedConnection.OpenAsync(request, $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {Protocol}\r\n\r\n");
            using SessionConnection connection = new(client);
            using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
            string[] methods = [.. headers["X-Docker-Expose-Session-Grpc-Method"].OfType<string>()];
            sessions.Add(new ClientSession(id, headers["X-Docker-Expose-Session-Sharedkey"].ToString(), methods, connection.Calls, ended.Token));
            Task health = WatchAsync(connection, ended.Token);
            await Task.WhenAny(health, connection.Closed);
            await ended.CancelAsync();
            await health;
        }
        finally
        {
            sessions.Remove(id);
        }
    }

    /// <summary>Asks again and again whether the client is well; ends when it twice was not, or when the session ends.</summary>
    private async Task WatchAsync(SessionConnection connection, CancellationToken ended)
    {
        try
        {
            // Opens the connection, as it shows whether the client goes on; what is answered says nothing yet.
            await connection.CheckAsync(s_checkPatience, ended);
            TimeSpan last = TimeSpan.Zero;
            bool hasFailed = false;
            for (int good = 0; ;)
            {
                await Task.Delay(s_checkPause, time, ended);
                long begin = time.GetTimestamp();
                // A slow line is not a dead one.
                bool isWell = await connection.CheckAsync(last * 1.5 > s_checkPatience ? last * 1.5 : s_checkPatience, ended);
                last = time.GetElapsedTime(begin);
                if (!isWell && hasFailed)
                {
                    return;
                }

                good = isWell ? good + 1 : 0;
                hasFailed = !isWell || (hasFailed && good < ChecksToForget);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The session has ended.
        }
    }
}
