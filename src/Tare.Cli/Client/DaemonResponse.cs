using System.Text.Json;

namespace Tare.Cli.Client;

/// <summary>A response whose body is still to be read. Owns the connection until it is given back by <see cref="Dispose"/>.</summary>
internal sealed class DaemonResponse(DaemonClient client, HttpConnection connection, HttpResponseHead head, ResponseBody body) : IDisposable
{
    /// <summary>The HTTP status.</summary>
    public int Status => head.Status;

    /// <summary>The media type of the body.</summary>
    public string ContentType => head.ContentType;

    /// <summary>What the daemon tells about a file of a container, as it comes; empty for other answers.</summary>
    public string PathStat => head.PathStat;

    /// <summary>The body.</summary>
    public ResponseBody Body => body;

    /// <summary>Reads the whole body as JSON. The document is the caller's.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public JsonDocument ReadJson() => JsonDocument.Parse(body.ReadAll());

    /// <summary>Takes the bare connection over: the caller owns it from here on.</summary>
    public HttpConnection TakeConnection()
    {
        _taken = true;
        return connection;
    }

    /// <summary>Throws when the daemon refused.</summary>
    /// <exception cref="DaemonException">The status is 400 or above; the message is the daemon's.</exception>
    public void EnsureSuccess()
    {
        if (head.Status >= 400)
        {
            throw new DaemonException(head.Status, Reason(body.ReadAll()));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_taken)
        {
            return;
        }

        if (body.Ended && !head.Close)
        {
            client.GiveBack(connection);
        }
        else
        {
            connection.Dispose();
        }
    }

    private bool _taken;

    private string Reason(byte[] bytes)
    {
        string text = System.Text.Encoding.UTF8.GetString(bytes).Trim();
        if (head.ContentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(bytes);
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("message", out JsonElement message))
                {
                    return message.GetString()?.Trim() ?? string.Empty;
                }
            }
            catch (JsonException)
            {
                // The text itself says more than that it is no JSON.
                return text;
            }
        }

        return text.Length > 0 ? text : $"request returned status {head.Status}";
    }
}
