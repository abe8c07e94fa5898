using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Tare.Docker.Hijack;

/// <summary>
/// A connection that Kestrel's HTTP code speaks on until a handler takes it over. From then on Kestrel is told nothing about it: neither does an
/// end of the client's side abort it (that is how a client says "end of stdin"), nor can Kestrel abort or close it.
/// </summary>
internal sealed class HijackableConnection : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenRegistration _registration;
    private volatile bool _isHijacked;

    public HijackableConnection(ConnectionContext inner)
    {
        _inner = inner;
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

    /// <inheritdoc/>
    public override IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

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

    /// <summary>The connection's socket; null for a transport without.</summary>
    public Socket? Socket => _inner.Features.Get<IConnectionSocketFeature>()?.Socket;

    /// <summary>Takes the connection from Kestrel. Comes before the first byte of the answer.</summary>
    public void Hijack() => _isHijacked = true;

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
