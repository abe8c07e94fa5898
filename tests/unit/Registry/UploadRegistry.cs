using System.Globalization;
using System.Net;
using Tare.Oci.Images;

namespace Tare.UnitTests.Registry;

/// <summary>A registry that takes uploads, as a message handler: sessions, chunks, mounts, manifests. A script may answer before it does.</summary>
internal sealed class UploadRegistry : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MemoryStream> _sessions = [];
    private int _session;

    /// <summary>Answers instead; null lets the registry answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Script { get; init; }

    /// <summary>How many bytes of a chunk arrive before the connection breaks; null for all. Asked once a chunk.</summary>
    public Func<int?>? Breaks { get; init; }

    /// <summary>Blobs by repository and digest.</summary>
    public Dictionary<(string Repository, string Digest), byte[]> Blobs { get; } = [];

    /// <summary>Manifests by tag or digest.</summary>
    public Dictionary<string, (byte[] Content, string Type)> Manifests { get; } = [];

    /// <summary>All requests, as "PUT /path?query".</summary>
    public List<string> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = [];
        Exception? broken = null;
        int? limit = request.Method == HttpMethod.Patch ? Breaks?.Invoke() : null;
        if (request.Content is not null)
        {
            body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
            if (limit is { } arrived)
            {
                body = body[..Math.Min(arrived, body.Length)];
                broken = new HttpRequestException("the connection broke", new IOException("connection reset"));
            }
        }

        lock (_lock)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
            if (Script?.Invoke(request) is { } scripted)
            {
                return scripted;
            }

            HttpResponseMessage answer = Answer(request, body);
            return broken is null ? answer : throw broken;
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request, byte[] body)
    {
        string[] parts = request.RequestUri!.AbsolutePath.Split('/');
        string repository = string.Join('/', parts[2..].TakeWhile(part => part is not ("blobs" or "manifests")));
        Dictionary<string, string> query = request.RequestUri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(pair => pair.Split('=')[0], pair => Uri.UnescapeDataString(pair.Split('=')[1]));
        if (request.RequestUri.AbsolutePath == "/v2/")
        {
            return new HttpResponseMessage(HttpStatusCode.OK);
        }

        if (parts.Contains("manifests"))
        {
            Manifests[parts[^1]] = (body, request.Content!.Headers.ContentType!.MediaType!);
            return new HttpResponseMessage(HttpStatusCode.Created);
        }

        return request.Method.Method switch
        {
            "HEAD" => new HttpResponseMessage(Blobs.ContainsKey((repository, parts[^1])) ? HttpStatusCode.OK : HttpStatusCode.NotFound),
            "POST" => Begin(repository, query),
            "PATCH" => Append(request, body),
            "PUT" => Finish(repository, request, body, query["digest"]),
            _ => Status(request.RequestUri.AbsolutePath),
        };
    }

    private HttpResponseMessage Begin(string repository, Dictionary<string, string> query)
    {
        if (query.TryGetValue("mount", out string? digest) && Blobs.TryGetValue((query["from"], digest), out byte[]? blob))
        {
            Blobs[(repository, digest)] = blob;
            return new HttpResponseMessage(HttpStatusCode.Created);
        }

        string path = string.Create(CultureInfo.InvariantCulture, $"/v2/{repository}/blobs/uploads/{_session++}");
        _sessions[path] = new MemoryStream();
        return Located(HttpStatusCode.Accepted, path);
    }

    private HttpResponseMessage Append(HttpRequestMessage request, byte[] body)
    {
        MemoryStream session = _sessions[request.RequestUri!.AbsolutePath];
        long? from = request.Content!.Headers.ContentRange?.From;
        if (request.Content.Headers.TryGetValues("Content-Range", out IEnumerable<string>? range))
        {
            from = long.Parse(range.First().Split('-')[0], CultureInfo.InvariantCulture);
        }

        if (from is { } start && start != session.Length)
        {
            return new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable);
        }

        session.Write(body);
        return Located(HttpStatusCode.Accepted, request.RequestUri.AbsolutePath);
    }

    private HttpResponseMessage Finish(string repository, HttpRequestMessage request, byte[] body, string digest)
    {
        MemoryStream session = _sessions[request.RequestUri!.AbsolutePath];
        session.Write(body);
        if (Digest.Of(session.ToArray()).ToString() != digest)
        {
            return ScriptedRegistry.Error(HttpStatusCode.BadRequest, "DIGEST_INVALID", "provided digest did not match uploaded content");
        }

        Blobs[(repository, digest)] = session.ToArray();
        return new HttpResponseMessage(HttpStatusCode.Created);
    }

    private HttpResponseMessage Status(string path)
    {
        if (!_sessions.TryGetValue(path, out MemoryStream? session))
        {
            return ScriptedRegistry.Error(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN", "unknown upload");
        }

        HttpResponseMessage response = Located(HttpStatusCode.NoContent, path);
        response.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(session.Length - 1, 0)}"));
        return response;
    }

    private static HttpResponseMessage Located(HttpStatusCode status, string path)
    {
        HttpResponseMessage response = new(status) { Content = new ByteArrayContent([]) };
        response.Headers.Location = new Uri(path, UriKind.Relative);
        return response;
    }
}
