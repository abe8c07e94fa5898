using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.Docker.Hijack;

/// <summary>A WebSocket (RFC 6455) that carries a container's streams as they are, without frames of Docker's own: <c>GET /containers/{id}/attach/ws</c>.</summary>
internal sealed class WebSocketConnection : IClientStreams
{
    private const int ClosePatienceMilliseconds = 1000;
    private const int PollMilliseconds = 10;

    private static readonly IOptions<WebSocketOptions> s_options = Options.Create(new WebSocketOptions());
    private static readonly ApiVersion s_binarySince = new(1, 28);

    private readonly WebSocket _socket;
    private readonly WebSocketStream _stream;

    private WebSocketConnection(WebSocket socket, WebSocketMessageType type)
    {
        _socket = socket;
        _stream = WebSocketStream.Create(socket, type);
        Input = PipeReader.Create(_stream);
        Output = PipeWriter.Create(_stream);
    }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    /// <summary>Answers the handshake and serves the connection.</summary>
    /// <param name="request">The request.</param>
    /// <param name="serve">What to do with the connection, which is closed afterwards.</param>
    /// <exception cref="EngineException">InvalidArgument: the request is no handshake.</exception>
    public static Task ServeAsync(ApiRequest request, Func<WebSocketConnection, Task> serve) =>
        new WebSocketMiddleware(
            async context =>
            {
                if (!context.WebSockets.IsWebSocketRequest)
                {
                    throw new EngineException(ErrorClass.InvalidArgument, "this operation needs a WebSocket handshake (RFC 6455, version 13)");
                }

                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                // Clients of older versions expect text.
                WebSocketMessageType type = request.Version.CompareTo(s_binarySince) >= 0 ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
                await using WebSocketConnection connection = new(socket, type);
                await serve(connection);
            },
            s_options,
            NullLoggerFactory.Instance).Invoke(request.Context);

    /// <inheritdoc/>
    public async ValueTask EndOutputAsync(CancellationToken cancellationToken)
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);

        // The reader, which sees the client's answer, aborts the connection when it is cancelled, and what was not sent is lost then.
        for (int i = 0; i < ClosePatienceMilliseconds / PollMilliseconds && _socket.State == WebSocketState.CloseSent; i++)
        {
            await Task.Delay(PollMilliseconds, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public bool IsClientGone() => _socket.State != WebSocketState.Open;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync();
        await Input.CompleteAsync();
        await _stream.DisposeAsync();
    }
}
