using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tare.Docker.Documents;
using Tare.Docker.Endpoints;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine;
using Tare.Engine.Errors;

namespace Tare.Docker;

/// <summary>
/// The Docker Engine API over an engine: answers HTTP requests, with and without a version before their path. It translates and decides nothing. Listeners that
/// serve it use <see cref="Hijack.HijackExtensions.UseHijack"/>.
/// </summary>
public sealed class DockerApi
{
    private readonly TareEngine _engine;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly RouteTable _routes;

    /// <summary>Makes the door.</summary>
    /// <param name="engine">What answers.</param>
    /// <param name="loggers">Makes the door's logger.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Ends the answers that go on (logs, events, waits, attachments) when the daemon stops.</param>
    public DockerApi(TareEngine engine, ILoggerFactory loggers, TimeProvider time, CancellationToken stopping)
    {
        _engine = engine;
        _logger = loggers.CreateLogger<DockerApi>();
        _stopping = stopping;
        _routes = new RouteTable(AllRoutes.Create(time));
    }

    /// <summary>Version of Tare.</summary>
    public static string ProductVersion => "0.1.0";

    /// <summary>The Docker release whose behaviour is followed, with Tare's version as build metadata: clients compare it with releases of Docker.</summary>
    public static string EngineVersion => "28.5.2+tare." + ProductVersion;

    /// <summary>Value of the header <c>Server</c>.</summary>
    internal static string ServerHeader => $"Tare/{ProductVersion} (linux)";

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    public async Task InvokeAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        using CancellationTokenSource aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
        try
        {
            await DispatchAsync(context, Uri.UnescapeDataString(path), aborted.Token);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            Log.ClientGone(_logger, context.Request.Method, path);
            Abandon(context);
        }
        catch (EngineException e)
        {
            Log.RequestFailed(_logger, context.Request.Method, path, e.Class, e.Message);
            await WriteErrorAsync(context, ErrorStatus.Of(e.Class), e.Message);
        }
        catch (IOException e)
        {
            Log.RequestFailed(_logger, context.Request.Method, path, ErrorClass.Internal, e.Message);
            await WriteErrorAsync(context, StatusCodes.Status500InternalServerError, e.Message);
        }
#pragma warning disable CA1031 // The boundary: a fault in one request must reach the log and its client, and no other request.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.RequestFault(_logger, context.Request.Method, path, e);
            await WriteErrorAsync(context, StatusCodes.Status500InternalServerError, e.Message);
        }
    }

    private async Task DispatchAsync(HttpContext context, string path, CancellationToken aborted)
    {
        if (context.Request.Method == HttpMethods.Options)
        {
            AddHeaders(context.Response.Headers);
            return;
        }

        if (_routes.Find(context.Request.Method, path) is not { } match)
        {
            await WriteErrorAsync(context, StatusCodes.Status404NotFound, "page not found");
            return;
        }

        AddHeaders(context.Response.Headers);
        ApiVersion version = match.Version ?? ApiVersion.Current;
        if (version.Refusal() is { } refusal)
        {
            await WriteErrorAsync(context, StatusCodes.Status400BadRequest, refusal);
            return;
        }

        await match.Route.Handler(new ApiRequest(context, _engine, version, match.Name, aborted));
    }

    private static void AddHeaders(IHeaderDictionary headers)
    {
        headers["Api-Version"] = ApiVersion.Current.ToString();
        headers["Docker-Experimental"] = "false";
        headers["Ostype"] = "linux";
        headers.Server = ServerHeader;
    }

    /// <summary>Answers with an error document; an answer that has begun is cut off instead, so that it does not look complete.</summary>
    private static async Task WriteErrorAsync(HttpContext context, int status, string message)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
            return;
        }

        response.StatusCode = status;
        response.ContentLength = null;
        if (status == StatusCodes.Status304NotModified)
        {
            return;
        }

        ReadOnlyMemory<byte> text = JsonLine.Serialize(new ErrorDocument(message), DockerJson.Relaxed.ErrorDocument, JsonLine.End);
        response.ContentType = "application/json";
        response.ContentLength = text.Length;
        await response.Body.WriteAsync(text);
    }

    private static void Abandon(HttpContext context)
    {
        if (!context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }
}
