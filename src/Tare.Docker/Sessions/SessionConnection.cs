using Grpc.Core;
using Grpc.Net.Client;
using Tare.Docker.Hijack;

namespace Tare.Docker.Sessions;

/// <summary>Speaks gRPC as the client over a connection that was taken over from a request, whose other side is the server then. Owns what it makes of the connection, not the connection.</summary>
internal sealed class SessionConnection : IDisposable
{
    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    /// <summary>Its request is an empty message, and whatever it answers will do (gRPC health checking protocol).</summary>
    private static readonly Method<byte[], byte[]> s_check = new(MethodType.Unary, "grpc.health.v1.Health", "Check", s_bytes, s_bytes);

    private readonly DuplexStream _stream;
    private readonly SocketsHttpHandler _handler;
    private readonly GrpcChannel _channel;
    private bool _isTaken;

    /// <summary>Prepares the connection; the first call opens it.</summary>
    /// <param name="connection">The connection.</param>
    public SessionConnection(HijackedConnection connection)
    {
        _stream = new DuplexStream(connection.Input, connection.Output);
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => Take(),
            UseProxy = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = _handler, MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        Calls = _channel.CreateCallInvoker();
    }

    /// <summary>Calls the other side's methods.</summary>
    public CallInvoker Calls { get; }

    /// <summary>Ends when the other side has closed the connection.</summary>
    public Task Closed => _stream.Closed;

    /// <summary>Asks the other side whether it is well.</summary>
    /// <param name="patience">Longest wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it answered.</returns>
    public async Task<bool> CheckAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            using AsyncUnaryCall<byte[]> call = Calls.AsyncUnaryCall(s_check, host: null, new CallOptions(cancellationToken: limit.Token), []);
            await call;
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _handler.Dispose();
        _stream.Dispose();
    }

    private ValueTask<Stream> Take()
    {
        if (_isTaken)
        {
            throw new IOException("a session has one connection");
        }

        _isTaken = true;
        return ValueTask.FromResult<Stream>(_stream);
    }
}
