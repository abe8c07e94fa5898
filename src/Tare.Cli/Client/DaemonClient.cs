using System.Net.Sockets;
using System.Text.Json;

namespace Tare.Cli.Client;

/// <summary>
/// Speaks the Docker Engine API. Requests that follow one another share a connection; attach, exec and wait have their own. Used by one thread at a time;
/// another thread makes its own client with <see cref="Another"/>.
/// </summary>
internal sealed class DaemonClient(DaemonAddress address, Action? startDaemon) : IDisposable
{
    private const long ReuseMilliseconds = 5_000;
    private HttpConnection? _idle;
    private string _apiVersion = Environment.GetEnvironmentVariable("DOCKER_API_VERSION") is { Length: > 0 } version ? version : ClientVersion.Api;

    /// <summary>Where the daemon listens.</summary>
    public DaemonAddress Address => address;

    /// <summary>A client for another thread.</summary>
    public DaemonClient Another() => new(address, null) { _apiVersion = _apiVersion };

    /// <summary>Sends a request and reads the head of the response.</summary>
    /// <exception cref="DaemonException">The daemon refused.</exception>
    /// <exception cref="UnreachableException">No daemon answers.</exception>
    public DaemonResponse Send(HttpRequest request)
    {
        DaemonResponse response = SendUnchecked(request);
        try
        {
            response.EnsureSuccess();
            return response;
        }
        catch (DaemonException failure) when (!request.IsStreamed && AdoptVersion(failure.Reason))
        {
            response.Dispose();
            return Send(request);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request without reading the response yet, on a connection of its own.</summary>
    public PendingResponse SendAhead(HttpRequest request)
    {
        HttpConnection connection = Connect();
        connection.Send(request.To(Versioned(request.Target)));
        return new PendingResponse(this, connection, request.Method);
    }

    /// <summary>GET of a JSON document. The document is the caller's.</summary>
    public JsonDocument Get(string target)
    {
        using DaemonResponse response = Send(new HttpRequest("GET", target));
        return response.ReadJson();
    }

    /// <summary>POST whose answer has no interest beyond success.</summary>
    public void Post(string target)
    {
        using DaemonResponse response = Send(new HttpRequest("POST", target));
        _ = response.Body.ReadAll();
    }

    /// <summary>POST of JSON with a JSON answer. The document is the caller's.</summary>
    public JsonDocument PostJson(string target, ReadOnlyMemory<byte> body)
    {
        using DaemonResponse response = Send(new HttpRequest("POST", target) { Body = body, Headers = s_json });
        return response.ReadJson();
    }

    /// <summary>DELETE; returns the body.</summary>
    public byte[] Delete(string target)
    {
        using DaemonResponse response = Send(new HttpRequest("DELETE", target));
        return response.Body.ReadAll();
    }

    /// <summary>POST that takes the connection over, as attach and exec do. The caller owns the connection.</summary>
    public HttpConnection Hijack(string target, ReadOnlyMemory<byte> body)
    {
        HttpRequest request = new("POST", target) { Body = body, Headers = body.IsEmpty ? [] : s_json, Upgrade = true };
        using DaemonResponse response = Send(request);
        return response.TakeConnection();
    }

    /// <inheritdoc/>
    public void Dispose() => _idle?.Dispose();

    /// <summary>Takes back a connection whose response was read to its end.</summary>
    internal void GiveBack(HttpConnection connection)
    {
        connection.IdleSince = Environment.TickCount64;
        _idle?.Dispose();
        _idle = connection;
    }

    private static readonly (string, string)[] s_json = [("Content-Type", "application/json")];

    private DaemonResponse SendUnchecked(HttpRequest request)
    {
        HttpConnection? reused = TakeIdle();
        if (reused is not null && !request.IsStreamed)
        {
            DaemonResponse? response = TryExchange(reused, request);
            if (response is not null)
            {
                return response;
            }
        }

        reused?.Dispose();
        return TryExchange(Connect(), request)
            ?? throw new UnreachableException($"the daemon at {address.Text} closed the connection without an answer");
    }

    private DaemonResponse? TryExchange(HttpConnection connection, HttpRequest request)
    {
        try
        {
            connection.Send(request.To(Versioned(request.Target)));
            HttpResponseHead? head = connection.ReadHead();
            if (head is not null)
            {
                bool hasBody = request.Method != "HEAD" && head.Status is not (204 or 304 or 101);
                return new DaemonResponse(this, connection, head, new ResponseBody(connection, head, hasBody));
            }
        }
        catch (SocketException)
        {
            connection.Dispose();
            return null;
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    private string Versioned(string target) =>
        target.StartsWith("/tare/", StringComparison.Ordinal) || target == "/_ping" ? target : $"/v{_apiVersion}{target}";

    private HttpConnection? TakeIdle()
    {
        HttpConnection? connection = _idle;
        _idle = null;
        if (connection is not null && Environment.TickCount64 - connection.IdleSince > ReuseMilliseconds)
        {
            connection.Dispose();
            return null;
        }

        return connection;
    }

    private HttpConnection Connect()
    {
        try
        {
            return HttpConnection.Open(address);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new UnreachableException(
                $"permission denied while trying to connect to the Tare daemon socket at {address.Text}. hint: run as root, or join the group that owns the socket", failure);
        }
        catch (SocketException) when (startDaemon is not null && address.IsDefault)
        {
            startDaemon();
            return HttpConnection.Open(address);
        }
        catch (SocketException failure)
        {
            throw new UnreachableException($"Cannot connect to the Tare daemon at {address.Text}. Is the tare daemon running?", failure);
        }
    }

    // An older daemon names the newest version that it knows: "client version 1.51 is too new. Maximum supported API version is 1.43".
    private bool AdoptVersion(string reason)
    {
        const string Marker = "Maximum supported API version is ";
        int at = reason.IndexOf(Marker, StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }

        string version = reason[(at + Marker.Length)..].Trim().TrimEnd('.');
        bool changed = version.Length > 0 && version != _apiVersion;
        _apiVersion = version;
        return changed;
    }
}
