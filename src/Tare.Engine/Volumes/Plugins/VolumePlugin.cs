using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Tare.Engine.Errors;

namespace Tare.Engine.Volumes.Plugins;

/// <summary>
/// A volume driver in a program of its own, spoken to by Docker's plugin protocol: JSON over HTTP on a socket, one POST per call. Calls wait for the answer on their thread; a
/// driver may need minutes to attach a disk. The protocol's data is not trusted: an answer that is too large or no JSON is an error.
/// </summary>
internal sealed class VolumePlugin : IDisposable
{
    private const string ContentType = "application/vnd.docker.plugins.v1.2+json";
    private const int LongestAnswer = 4 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly HttpClient _client;
    private bool _isActive;

    /// <summary>Makes the client; nothing is said yet.</summary>
    /// <param name="name">The driver's name.</param>
    /// <param name="address"><c>unix:///path</c> or <c>tcp://host:port</c>.</param>
    /// <param name="tls">TLS over tcp; null for none.</param>
    /// <exception cref="EngineException">InvalidArgument: a file of <paramref name="tls"/> cannot be read.</exception>
    public VolumePlugin(string name, Uri address, PluginTls? tls)
    {
        Name = name;
        SocketsHttpHandler handler = new() { ConnectTimeout = TimeSpan.FromSeconds(10), UseProxy = false, AllowAutoRedirect = false };
        if (address.Scheme == "unix")
        {
            handler.ConnectCallback = (_, _) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    socket.Connect(new UnixDomainSocketEndPoint(address.AbsolutePath));
                    return ValueTask.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true));
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        if (tls is not null)
        {
            handler.SslOptions = ClientTls.Of(address.Host, tls.AuthorityFile, tls.CertificateFile, tls.KeyFile, tls.InsecureSkipVerify);
        }

        string host = address.Scheme == "unix" ? "plugin" : $"{address.Host}:{address.Port}";
        string scheme = tls is null || address.Scheme == "unix" ? "http" : "https";
        _client = new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://{host}/"), Timeout = s_patience, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>The driver's name.</summary>
    public string Name { get; }

    /// <summary>Calls the driver.</summary>
    /// <exception cref="EngineException">Internal: it cannot be reached, or it refuses (its own words). NotFound: it is no volume driver.</exception>
    /// <param name="method">The call, without <c>VolumeDriver.</c>.</param>
    /// <param name="request">What is asked.</param>
    public PluginAnswer Call(string method, PluginRequest request)
    {
        Activate();
        PluginAnswer answer = Post("VolumeDriver." + method, request);
        return string.IsNullOrEmpty(answer.Err) ? answer : throw new EngineException(ErrorClass.Internal, answer.Err);
    }

    /// <summary>Whether the driver's volumes are the same on every machine (<c>global</c>) or this machine's own (<c>local</c>).</summary>
    public string Scope()
    {
        try
        {
            return Call("Capabilities", new PluginRequest()).Capabilities?.Scope is "global" ? "global" : "local";
        }
        catch (EngineException)
        {
            // An old driver has no such call, and is local by Docker's rule.
            return "local";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private void Activate()
    {
        if (_isActive)
        {
            return;
        }

        if (Post("Plugin.Activate", null).Implements?.Contains("VolumeDriver") != true)
        {
            throw new EngineException(ErrorClass.NotFound, $"plugin \"{Name}\" does not implement VolumeDriver");
        }

        _isActive = true;
    }

    private PluginAnswer Post(string method, PluginRequest? request)
    {
        try
        {
            using HttpRequestMessage message = new(HttpMethod.Post, method);
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ContentType));
            byte[] body = request is null ? [] : JsonSerializer.SerializeToUtf8Bytes(request, PluginJson.Default.PluginRequest);
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
            using HttpResponseMessage response = _client.Send(message);
            using Stream stream = response.Content.ReadAsStream();
            PluginAnswer answer = JsonSerializer.Deserialize(stream, PluginJson.Default.PluginAnswer) ?? new PluginAnswer();
            return response.IsSuccessStatusCode || !string.IsNullOrEmpty(answer.Err) ? answer
                : throw new EngineException(ErrorClass.Internal, $"plugin \"{Name}\" answers {method} with {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or IOException or SocketException)
        {
            throw new EngineException(ErrorClass.Internal, $"plugin \"{Name}\" failed in {method}: {e.GetBaseException().Message}", e);
        }
    }
}
