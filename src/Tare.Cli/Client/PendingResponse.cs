namespace Tare.Cli.Client;

/// <summary>A request that was sent and whose response will be read later. Owns its connection until the response does.</summary>
internal sealed class PendingResponse(DaemonClient client, HttpConnection connection, string method) : IDisposable
{
    /// <summary>Waits for the response.</summary>
    /// <exception cref="DaemonException">The daemon refused.</exception>
    /// <exception cref="UnreachableException">The daemon went away.</exception>
    public DaemonResponse Receive()
    {
        HttpResponseHead head = connection.ReadHead()
            ?? throw new UnreachableException($"the daemon at {client.Address.Text} closed the connection without an answer");
        bool hasBody = method != "HEAD" && head.Status is not (204 or 304);
        _received = true;
        DaemonResponse response = new(client, connection, head, new ResponseBody(connection, head, hasBody));
        response.EnsureSuccess();
        return response;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_received)
        {
            connection.Dispose();
        }
    }

    private bool _received;
}
