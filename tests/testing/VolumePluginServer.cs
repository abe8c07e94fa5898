using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Tare.Testing;

/// <summary>
/// A volume plugin by Docker's protocol: volumes are folders, mounting is counting. A volume whose option <c>fail</c> names a call fails in it. Disposing it closes the socket.
/// </summary>
public sealed class VolumePluginServer : IDisposable
{
    private readonly Socket _listener;
    private readonly X509Certificate2? _certificate;
    private readonly ConcurrentDictionary<string, string> _failures = new();
    private readonly ConcurrentDictionary<string, byte> _volumes = new();

    /// <param name="folder">Where volumes lie, and the socket.</param>
    /// <param name="certificates">Folder of <see cref="TlsFiles"/>, to be served over TLS on a port of the loopback interface; null for a unix socket.</param>
    public VolumePluginServer(string folder, string? certificates = null)
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        SocketPath = folder + "/plugin.sock";
        _listener = certificates is null ? new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(certificates is null ? new UnixDomainSocketEndPoint(SocketPath) : new IPEndPoint(IPAddress.Loopback, 0));
        _certificate = certificates is null ? null : X509Certificate2.CreateFromPemFile(certificates + "/server-cert.pem", certificates + "/server-key.pem");
        _listener.Listen();
        AcceptLoop.Start(_listener, ServeAsync);
    }

    public string Folder { get; }

    public string SocketPath { get; }

    /// <summary>The port, with certificates.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>What changed something, as <c>Mount NAME</c>, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Mounts that were not ended, as volume and ID.</summary>
    public ConcurrentDictionary<(string Volume, string Id), byte> Mounts { get; } = new();

    public void Dispose()
    {
        _listener.Dispose();
        _certificate?.Dispose();
    }

    private async Task ServeAsync(Socket peer)
    {
        await using Stream stream = await OpenAsync(peer);
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return;
            }

            head.Append((char)one[0]);
        }

        string[] lines = head.ToString().Split("\r\n");
        string? length = lines.FirstOrDefault(line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1].Trim();
        bool isChunked = Array.Exists(lines, line => line.StartsWith("transfer-encoding: chunked", StringComparison.OrdinalIgnoreCase));
        byte[] body = new byte[length is null ? 0 : int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        string text = isChunked ? await ReadChunksAsync(stream) : Encoding.UTF8.GetString(body);
        string answer = Answer(lines[0].Split(' ')[1].TrimStart('/'), text.Length == 0 ? [] : JsonNode.Parse(text)?.AsObject() ?? []).ToJsonString();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.plugins.v1.2+json\r\nContent-Length: {Encoding.UTF8.GetByteCount(answer)}\r\nConnection: close\r\n\r\n{answer}"));
    }

    private async Task<Stream> OpenAsync(Socket peer)
    {
        NetworkStream plain = new(peer, ownsSocket: true);
        if (_certificate is null)
        {
            return plain;
        }

        // A client has to show a certificate, whose authority is not checked here.
        SslStream secure = new(plain, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await secure.AuthenticateAsServerAsync(_certificate, clientCertificateRequired: true, checkCertificateRevocation: false);
        return secure;
    }

    private static async Task<string> ReadChunksAsync(Stream stream)
    {
        using StreamReader reader = new(stream, Encoding.UTF8, leaveOpen: true);
        StringBuilder text = new();
        while (await reader.ReadLineAsync() is { } size && int.Parse(size, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture) is > 0 and int count)
        {
            char[] chunk = new char[count];
            await reader.ReadBlockAsync(chunk);
            text.Append(chunk);
            await reader.ReadLineAsync();
        }

        await reader.ReadLineAsync();
        return text.ToString();
    }

    private JsonObject Answer(string method, JsonObject request)
    {
        string name = request["Name"]?.GetValue<string>() ?? "";
        string id = request["ID"]?.GetValue<string>() ?? "";
        string call = method[(method.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (call is "Create" or "Remove" or "Mount" or "Unmount")
        {
            Calls.Enqueue($"{call} {name}");
        }

        if (_failures.GetValueOrDefault(name) == call)
        {
            return new JsonObject { ["Err"] = $"the disk of {name} is on fire" };
        }

        if (call is "Get" or "Remove" or "Mount" or "Path" && !_volumes.ContainsKey(name))
        {
            return new JsonObject { ["Err"] = $"no such volume: {name}" };
        }

        switch (call)
        {
            case "Activate":
                return new JsonObject { ["Implements"] = new JsonArray("VolumeDriver") };
            case "Create":
                if (request["Opts"]?["fail"]?.GetValue<string>() is { } failing)
                {
                    _failures[name] = failing;
                    if (failing == "Create")
                    {
                        return new JsonObject { ["Err"] = $"the disk of {name} is on fire" };
                    }
                }

                Directory.CreateDirectory(PathOf(name));
                _volumes[name] = 0;
                break;
            case "Remove":
                _volumes.TryRemove(name, out _);
                Directory.Delete(PathOf(name), recursive: true);
                break;
            case "Mount":
                Mounts[(name, id)] = 0;
                return new JsonObject { ["Mountpoint"] = PathOf(name) };
            case "Unmount":
                return Mounts.TryRemove((name, id), out _) ? [] : new JsonObject { ["Err"] = $"{name} is not mounted by {id}" };
            case "Path":
                return new JsonObject { ["Mountpoint"] = PathOf(name) };
            case "Get":
                return new JsonObject { ["Volume"] = Volume(name) };
            case "List":
                return new JsonObject { ["Volumes"] = new JsonArray([.. _volumes.Keys.Order(StringComparer.Ordinal).Select(Volume)]) };
            case "Capabilities":
                return new JsonObject { ["Capabilities"] = new JsonObject { ["Scope"] = "global" } };
            default:
                return new JsonObject { ["Err"] = $"unknown call {method}" };
        }

        return [];
    }

    private JsonObject Volume(string name) => new()
    {
        ["Name"] = name,
        ["Mountpoint"] = PathOf(name),
        ["CreatedAt"] = "2024-05-06T07:08:09Z",
        ["Status"] = new JsonObject { ["replicas"] = 3 },
    };

    private string PathOf(string name) => $"{Folder}/{name}";
}
