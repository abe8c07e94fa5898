using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tare.Linux.Streams;

namespace Tare.Docker.Hijack;

/// <summary>
/// A connection that Kestrel's HTTP code speaks on until a handler takes it over. From then on Kestrel is told nothing about it: neither does an
/// end of the client's side abort it (that is how a client says "end of stdin"), nor can Kestrel abort or close it.
/// </summary>
internal sealed class HijackableConnection : ConnectionContext, IDuplexPipe
{
    private readonly ConnectionContext _inner;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly EndableReader _requests;
    private volatile bool _isHijacked;

    public HijackableConnection(ConnectionContext inner, long restsAt)
    {
        _inner = inner;
        RestsAt = restsAt;
        _requests = new EndableReader(inner.Transport.Input);
        if (Socket is { } socket)
        {
            // What waits for it is the transport's own code, which gives all others to the pool (ASP.NET Core 10, SocketConnection).
            InlineCompletions.Use(socket);
        }

        Transport = this;
        ConnectionClosed = _closed.Token;
        _registration = inner.ConnectionClosed.UnsafeRegister(static self => ((HijackableConnection)self!).OnInnerClosed(), this);
        inner.Features.Set(this);
    }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => _inner.Features;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    /// <summary>What Kestrel reads and writes: this connection.</summary>
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc/>
    PipeReader IDuplexPipe.Input => _requests;

    /// <inheritdoc/>
    PipeWriter IDuplexPipe.Output => Output;

    /// <summary>What the client sends, whoever reads it.</summary>
    public PipeReader Input => _inner.Transport.Input;

    /// <summary>What the client receives.</summary>
    public PipeWriter Output => _inner.Transport.Output;

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed { get; set; }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    /// <summary>The transport reads nothing more while it has read as many bytes as these at least, and nobody has looked at them; 0 for a transport that does not rest.</summary>
    public long RestsAt { get; }

    /// <summary>The connection's socket; null for a transport without.</summary>
    public Socket? Socket => _inner.Features.Get<IConnectionSocketFeature>()?.Socket;

    /// <summary>The socket, where it carries the very bytes of this connection; null over TLS.</summary>
    public Socket? PlainSocket => Features.Get<ITlsConnectionFeature>() is null ? Socket : null;

    /// <summary>Takes the connection from Kestrel. Comes before the first byte of the answer.</summary>
    public void Hijack()
    {
        _isHijacked = true;
        _requests.End();
    }

    /// <summary>Lets Kestrel read these bytes before what the client sends next: a handler has read a request's body in its stead, and this is the rest.</summary>
    public void ReturnToRequests(ReadOnlyMemory<byte> bytes) => _requests.Return(bytes);

    /// <summary>Shows Kestrel these bytes, then the end of the client's side: what was read in its stead cannot be gone on with. The answer is still sent, and the connection closed then.</summary>
    public void EndRequests(ReadOnlyMemory<byte> bytes)
    {
        _requests.Return(bytes);
        _requests.End();
    }

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!_isHijacked)
        {
            _inner.Abort(abortReason);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _registration.DisposeAsync();
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private void OnInnerClosed()
    {
        if (!_isHijacked)
        {
            // Kestrel's callbacks run on the thread pool, as the transport's own do.
            _closed.Cancel();
        }
    }
}
