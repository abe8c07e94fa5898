using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.Docker.Hijack;

/// <summary>
/// A connection that carries raw bytes after its request was answered (Docker Engine API, "hijacking"). The client's end of stdin is the end of
/// <see cref="Input"/>; the connection itself lives on until <see cref="DisposeAsync"/>.
/// </summary>
internal sealed class HijackedConnection : IClientStreams
{
    private readonly HijackableConnection _connection;
    private readonly HttpContext _context;

    private HijackedConnection(HijackableConnection connection, HttpContext context)
    {
        _connection = connection;
        _context = context;
        // Kestrel's pipe to the socket is emptied by another thread, which each piece of output would have to wake.
        Output = connection.PlainSocket is { } socket
            ? PipeWriter.Create(new NetworkStream(socket, ownsSocket: false), new StreamPipeWriterOptions(leaveOpen: true))
            : connection.Output;
    }

    /// <summary>What the client sends.</summary>
    public PipeReader Input => _connection.Input;

    /// <summary>What the client receives.</summary>
    public PipeWriter Output { get; }

    /// <summary>Takes over the request's connection and answers: <c>101 UPGRADED</c> to a client that asks for it, <c>200 OK</c> to the others.</summary>
    /// <param name="request">A request whose body has been read.</param>
    /// <param name="isMultiplexed">Whether frames follow instead of a terminal's bytes.</param>
    /// <exception cref="EngineException">InvalidArgument: the request came over HTTP/2.</exception>
    public static Task<HijackedConnection> OpenAsync(ApiRequest request, bool isMultiplexed) =>
        OpenAsync(request, Head(request, !string.IsNullOrEmpty(request.Context.Request.Headers.Upgrade), isMultiplexed));

    /// <summary>Takes over the request's connection and answers with a head.</summary>
    /// <param name="request">A request whose body has been read.</param>
    /// <param name="head">The status line and the headers, with the empty line that ends them.</param>
    /// <exception cref="EngineException">InvalidArgument: the request came over HTTP/2.</exception>
    public static async Task<HijackedConnection> OpenAsync(ApiRequest request, string head)
    {
        HttpContext context = request.Context;
        HijackableConnection connection = context.Features.Get<HijackableConnection>() is { } found && HttpProtocol.IsHttp11(context.Request.Protocol)
            ? found
            : throw new EngineException(ErrorClass.InvalidArgument, "this operation takes over its connection and needs HTTP/1.1");
        connection.Hijack();
        HijackedConnection hijacked = new(connection, context);
        Encoding.ASCII.GetBytes(head, hijacked.Output);
        try
        {
            await hijacked.Output.FlushAsync();
        }
        catch (IOException)
        {
            // The client has gone, which its side of the connection will show: what it asked for is begun all the same.
        }

        // The HTTP parser may have looked at bytes that followed the request without taking them. The pipe would give them out only
        // together with newer ones; a cancelled read gives them out now.
        hijacked.Input.CancelPendingRead();
        return hijacked;
    }

    /// <summary>Whether the client has closed the connection altogether, not only its side of it. Only certain for unix sockets.</summary>
    public bool IsClientGone()
    {
        try
        {
            // A peer that closed (and did not merely shut down its writing side) answers EPIPE even to nothing.
            return _connection.Socket is { } socket && socket.Send(ReadOnlySpan<byte>.Empty, SocketFlags.None) < 0;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public ValueTask EndOutputAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Sends what is left and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        // All that was to be sent has been flushed.
        await Output.CompleteAsync();
        await _connection.Output.CompleteAsync();
        await Input.CompleteAsync();
        // Kestrel must write no answer of its own behind ours.
        _context.Abort();
    }

    private static string Head(ApiRequest request, bool isUpgrade, bool isMultiplexed)
    {
        string contentType = isUpgrade && isMultiplexed && request.Version.CompareTo(new ApiVersion(1, 42)) >= 0 ? ContentTypes.Multiplexed : ContentTypes.Raw;
        string common = $"Api-Version: {ApiVersion.Current}\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: {DockerApi.ServerHeader}\r\n\r\n";
        return isUpgrade
            ? $"HTTP/1.1 101 UPGRADED\r\nContent-Type: {contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n{common}"
            : $"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\n{common}";
    }
}
