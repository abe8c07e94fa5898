using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tare.Oci.Images;

namespace Tare.UnitTests.Registry;

/// <summary>A registry that is a message handler: it holds blobs and manifests, and a script may answer before it does.</summary>
internal sealed class ScriptedRegistry : HttpMessageHandler
{
    private readonly Dictionary<string, (byte[] Content, string Type)> _content = [];
    private readonly Lock _lock = new();

    /// <summary>Answers instead; null lets the registry answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Script { get; init; }

    /// <summary>All requests, as "GET http://host/path".</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Adds an image of these layers, uncompressed.</summary>
    /// <returns>Its manifest.</returns>
    public byte[] Add(string? tag, string architecture, string? variant, params byte[][] layers)
    {
        string diffIds = string.Join(',', layers.Select(layer => $"\"{Digest.Of(layer)}\""));
        string extra = variant is null ? "" : $",\"variant\":\"{variant}\"";
        byte[] config = Encoding.UTF8.GetBytes($$$"""{"architecture":"{{{architecture}}}"{{{extra}}},"os":"linux","rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""");
        string descriptors = string.Join(',', layers.Select(layer => Describe(layer, "application/vnd.oci.image.layer.v1.tar")));
        byte[] manifest = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"config":{{Describe(config, MediaTypes.OciConfig)}},"layers":[{{descriptors}}]}""");
        foreach (byte[] blob in layers.Append(config))
        {
            _content[Digest.Of(blob).ToString()] = (blob, "application/octet-stream");
        }

        AddDocument(tag, manifest, MediaTypes.OciManifest);
        return manifest;
    }

    /// <summary>Adds a manifest or an index.</summary>
    public void AddDocument(string? tag, byte[] document, string type)
    {
        _content[Digest.Of(document).ToString()] = (document, type);
        if (tag is not null)
        {
            _content[tag] = (document, type);
        }
    }

    /// <summary>A descriptor of content.</summary>
    public static string Describe(byte[] content, string type, string more = "")
        => $$"""{"mediaType":"{{type}}","digest":"{{Digest.Of(content)}}","size":{{content.Length}}{{more}}}""";

    /// <summary>An answer with a body.</summary>
    public static HttpResponseMessage Answer(HttpStatusCode status, byte[] body, string type)
    {
        HttpResponseMessage response = new(status) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return response;
    }

    /// <summary>An answer with an error of the protocol.</summary>
    public static HttpResponseMessage Error(HttpStatusCode status, string code, string message)
        => Answer(status, Encoding.UTF8.GetBytes($$"""{"errors":[{"code":"{{code}}","message":"{{message}}"}]}"""), "application/json");

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.GetLeftPart(UriPartial.Path)}");
            if (Script?.Invoke(request) is { } scripted)
            {
                scripted.RequestMessage = request;
                return Task.FromResult(scripted);
            }
        }

        string name = request.RequestUri!.AbsolutePath.Split('/')[^1];
        return Task.FromResult(_content.TryGetValue(name, out (byte[] Content, string Type) found)
            ? Answer(HttpStatusCode.OK, found.Content, found.Type)
            : Error(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "manifest unknown"));
    }
}
