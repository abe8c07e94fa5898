using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Tare.Testing;

/// <summary>Debian's docker-registry on a loopback port of its own.</summary>
public sealed class Registry : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    /// <summary>Starts one.</summary>
    /// <param name="folder">Where it keeps everything; made.</param>
    /// <param name="setup">What else it is: with TLS, with authentication.</param>
    public Registry(string folder, RegistrySetup? setup = null)
    {
        Directory.CreateDirectory(folder);
        int port = FreePort();
        Host = $"127.0.0.1:{port}";
        string config = Path.Combine(folder, "config.yml");
        File.WriteAllText(config, $"version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {folder}/store\nhttp:\n  addr: {Host}\n{setup?.Write(folder)}");
        _process = Command.Start(Programs.DockerRegistry, ["serve", config]);
        // The test's own requests trust every certificate: it knows whom it started.
        HttpClientHandler handler = new() { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        if (setup?.ClientCertificate is { } own)
        {
            handler.ClientCertificates.Add(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(own.Certificate, own.Key));
        }

        _http = new HttpClient(handler) { BaseAddress = new Uri($"{(setup?.Authority is null ? "http" : "https")}://{Host}") };
        Eventually.True(Answers, "docker-registry does not answer");
    }

    /// <summary>Host and port, as they stand in image references.</summary>
    public string Host { get; }

    /// <summary>A port of the loopback interface that nobody listens on.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Pushes an image's blobs and its manifest under <paramref name="tag"/>.</summary>
    public void Push(string repository, string tag, ImageBlobs image)
    {
        foreach ((string digest, byte[] content) in image.Blobs)
        {
            using HttpResponseMessage upload = Send(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/", null, null);
            string location = upload.Headers.Location!.ToString();
            string separator = location.Contains('?', StringComparison.Ordinal) ? "&" : "?";
            Send(HttpMethod.Put, $"{location}{separator}digest={digest}", content, "application/octet-stream").Dispose();
        }

        PushManifest(repository, tag, image.Manifest, ImageBlobs.OciManifest);
    }

    /// <summary>Pushes a manifest or an index as it is.</summary>
    public void PushManifest(string repository, string tag, byte[] manifest, string mediaType)
        => Send(HttpMethod.Put, $"/v2/{repository}/manifests/{tag}", manifest, mediaType).Dispose();

    /// <summary>Whether a repository has a blob.</summary>
    public bool HasBlob(string repository, string digest)
    {
        using HttpRequestMessage request = new(HttpMethod.Head, $"/v2/{repository}/blobs/{digest}");
        using HttpResponseMessage response = _http.Send(request);
        return response.IsSuccessStatusCode;
    }

    /// <summary>What the registry has under a tag or digest.</summary>
    public byte[] Manifest(string repository, string tag)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/v2/{repository}/manifests/{tag}");
        request.Headers.TryAddWithoutValidation("Accept", $"{ImageBlobs.OciManifest}, {ImageBlobs.OciIndex}, application/vnd.docker.distribution.manifest.v2+json");
        using HttpResponseMessage response = _http.Send(request);
        Assert.True(response.IsSuccessStatusCode, $"{repository}:{tag}: {response.StatusCode}");
        using MemoryStream content = new();
        response.Content.ReadAsStream().CopyTo(content);
        return content.ToArray();
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private HttpResponseMessage Send(HttpMethod method, string path, byte[]? content, string? mediaType)
    {
        using HttpRequestMessage request = new(method, path);
        if (content is not null)
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType!);
        }

        HttpResponseMessage response = _http.Send(request);
        Assert.True(response.IsSuccessStatusCode, string.Create(CultureInfo.InvariantCulture, $"{method} {path}: {(int)response.StatusCode}"));
        return response;
    }

    private bool Answers()
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/v2/");
            using HttpResponseMessage response = _http.Send(request);
            return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Unauthorized;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
