using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tare.Testing;

/// <summary>
/// A registry on loopback that serves one image and misbehaves as told: it cuts connections in the middle of a blob, serves other bytes than the
/// digest names, holds back the rest of a layer, or answers with an error. What it sent is told.
/// </summary>
public sealed class FaultyRegistry : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ImageBlobs _image;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _cutsLeft;

    /// <summary>Serves <paramref name="image"/>; the first <paramref name="cuts"/> answers with a layer end in the middle.</summary>
    public FaultyRegistry(ImageBlobs image, int cuts = 0)
    {
        _image = image;
        _cutsLeft = cuts;
        _listener.Start();
        Host = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        AcceptLoop.Start(_listener.Server, ServeAsync);
    }

    public string Host { get; }

    /// <summary>When set, every answer has this status and this body.</summary>
    public (int Status, string Body)? Always { get; init; }

    /// <summary>Whether requests for a range get that range; else they get the whole.</summary>
    public bool Resumes { get; init; }

    /// <summary>When set, an answer with a layer has so many bytes, and the connection stays open without further ones.</summary>
    public int? HoldsAfter { get; set; }

    /// <summary>Every answer with a blob of more than 4 KiB: its first byte and how many were sent.</summary>
    public ConcurrentQueue<(string Digest, int From, int Sent)> Layers { get; } = [];

    public void Dispose()
    {
        _disposed.TrySetResult();
        _listener.Dispose();
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            using NetworkStream stream = new(client);
            using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
            try
            {
                const byte TlsHandshake = 0x16;
                byte[] first = new byte[1];
                await stream.ReadExactlyAsync(first);
                if (first[0] == TlsHandshake)
                {
                    return; // a server without TLS ends such a connection
                }

                string[]? request = ((char)first[0] + await reader.ReadLineAsync())?.Split(' ');
                if (request is not { Length: 3 })
                {
                    return;
                }

                int from = 0;
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                {
                    const string Range = "Range: bytes=";
                    if (Resumes && header.StartsWith(Range, StringComparison.OrdinalIgnoreCase))
                    {
                        from = int.Parse(header[Range.Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
                    }
                }

                await AnswerAsync(stream, request[0], request[1], from);
            }
            catch (IOException)
            {
                // The client went away, as clients of a faulty registry do.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string method, string path, int from)
    {
        string name = path.Split('?')[0].Split('/')[^1];
        if (Always is { } always)
        {
            await WriteAsync(stream, always.Status, "text/html", Encoding.UTF8.GetBytes(always.Body), method == "HEAD");
        }
        else if (path.Contains("/manifests/", StringComparison.Ordinal))
        {
            await WriteAsync(stream, 200, ImageBlobs.OciManifest, _image.Manifest, method == "HEAD");
        }
        else if (_image.Blobs.TryGetValue(name, out byte[]? blob))
        {
            const int Layer = 4096;
            bool cut = blob.Length > Layer && Interlocked.Decrement(ref _cutsLeft) >= 0;
            int until = cut ? blob.Length / 2 : blob.Length;
            bool holds = blob.Length > Layer && HoldsAfter is { } most && most < until;
            until = holds ? HoldsAfter!.Value : until;
            if (blob.Length > Layer)
            {
                Layers.Enqueue((name, from, Math.Max(until - from, 0)));
            }

            await WriteAsync(stream, from > 0 ? 206 : 200, "application/octet-stream", blob, method == "HEAD", until, from);
            if (holds)
            {
                await _disposed.Task;
            }
        }
        else
        {
            await WriteAsync(stream, path == "/v2/" ? 200 : 404, "application/json", "{}"u8.ToArray(), method == "HEAD");
        }
    }

    private static async Task WriteAsync(NetworkStream stream, int status, string type, byte[] body, bool headOnly, int until = int.MaxValue, int from = 0)
    {
        string range = from > 0 ? string.Create(CultureInfo.InvariantCulture, $"Content-Range: bytes {from}-{body.Length - 1}/{body.Length}\r\n") : "";
        string head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {body.Length - from}\r\n{range}Docker-Content-Digest: {ImageBlobs.DigestOf(body)}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        if (!headOnly)
        {
            await stream.WriteAsync(body.AsMemory(from, Math.Max(Math.Min(until, body.Length) - from, 0)));
        }
    }
}
