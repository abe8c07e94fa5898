using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Tare.Docker.Hijack;

namespace Tare.Daemon.Hosting;

/// <summary>
/// Kestrel without host, dependency injection and configuration, which the daemon does not need: one handler over some listening sockets.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private const int LongestHead = 1024 * 1024;

    // A connection reads nothing more before somebody has looked at what it read: so a handler can read a long body in its stead. (Of one byte the half, at which it goes on, would be none.)
    private const int UnreadBytes = 2;

    private readonly KestrelServer _server;
    private readonly RequestDelegate _handler;

    /// <summary>Makes a server; it answers after <see cref="StartAsync"/>.</summary>
    /// <param name="sockets">Where it listens; the caller disposes them afterwards.</param>
    /// <param name="handler">Answers every request.</param>
    /// <param name="tls">TLS of the TCP sockets; null for none.</param>
    /// <param name="loggers">Makes Kestrel's loggers.</param>
    public ApiServer(IReadOnlyList<ListeningSocket> sockets, RequestDelegate handler, ServerTls? tls, ILoggerFactory loggers)
    {
        KestrelServerOptions options = new() { AddServerHeader = false, ApplicationServices = NoServices.Instance };
        // As long as Go's server takes: filters and credentials travel in the head.
        options.Limits.MaxRequestLineSize = LongestHead;
        options.Limits.MaxRequestHeadersTotalSize = LongestHead;
        options.Limits.MaxRequestBodySize = null;
        // Images come in as slowly as their source is, and logs go out as slowly as someone reads them.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        foreach (ListeningSocket socket in sockets)
        {
            options.ListenHandle(socket.Descriptor, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (tls is not null && socket.IsTcp)
                {
                    tls.Use(listen);
                }

                listen.UseHijack(UnreadBytes);
            });
        }

        _handler = handler;
        SocketTransportOptions transport = new() { MaxReadBufferSize = UnreadBytes };
        TransportBlocks.Use(transport);
        _server = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), new SocketTransportFactory(Microsoft.Extensions.Options.Options.Create(transport), loggers), loggers);
    }

    /// <summary>Begins to answer.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(new Application(_handler), cancellationToken);

    /// <summary>Lets running requests end until the token is cancelled, then cuts them off.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Application(RequestDelegate handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
