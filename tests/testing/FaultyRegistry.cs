using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tare.Testing;

/// <summary>
/// A registry on loopback that serves one image and misbehaves as told: it cuts connections in the middle of a blob, serves other bytes than the
/// digest names, or answers with an error.
/// </summary>
public sealed class FaultyRegistry : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ImageBlobs _image;
    private int _cutsLeft;

    /// <summary>Serves <paramref name="image"/>; the first <paramref name="cuts"/> answers with a layer end in the middle.</summary>
    public FaultyRegistry(ImageBlobs image, int cuts = 0)
    {
        _image = image;
        _cutsLeft = cuts;
        _listener.Start();
        Host = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = Task.Run(AcceptAsync);
    }

    public string Host { get; }

    /// <summary>When set, every answer has this status and this body.</summary>
    public (int Status, string Body)? Always { get; init; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
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

                while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
                {
                }

                await AnswerAsync(stream, request[0], request[1]);
            }
            catch (IOException)
            {
                // The client went away, as clients of a faulty registry do.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string method, string path)
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
            bool cut = blob.Length > 4096 && Interlocked.Decrement(ref _cutsLeft) >= 0;
            await WriteAsync(stream, 200, "application/octet-stream", blob, method == "HEAD", cut ? blob.Length / 2 : blob.Length);
        }
        else
        {
            await WriteAsync(stream, path == "/v2/" ? 200 : 404, "application/json", "{}"u8.ToArray(), method == "HEAD");
        }
    }

    private static async Task WriteAsync(NetworkStream stream, int status, string type, byte[] body, bool headOnly, int send = int.MaxValue)
    {
        string head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nDocker-Content-Digest: {ImageBlobs.DigestOf(body)}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        if (!headOnly)
        {
            await stream.WriteAsync(body.AsMemory(0, Math.Min(send, body.Length)));
        }
    }
}
