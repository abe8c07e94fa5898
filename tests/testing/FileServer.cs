using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tare.Testing;

/// <summary>A plain web server on loopback with one file, which remembers what it was asked.</summary>
public sealed class FileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _content;
    private readonly List<string> _requests = []; // guarded by itself

    public FileServer(byte[] content)
    {
        _content = content;
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/layer";
        _ = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>The heads of all requests.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception end) when (end is ObjectDisposedException or SocketException)
        {
            // Disposed of.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using StreamReader reader = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);
                StringBuilder head = new();
                while (await reader.ReadLineAsync() is { Length: > 0 } line)
                {
                    head.Append(line).Append('\n');
                }

                lock (_requests)
                {
                    _requests.Add(head.ToString());
                }

                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Length: {_content.Length}\r\nConnection: close\r\n\r\n")));
                await client.GetStream().WriteAsync(_content);
            }
            catch (IOException)
            {
                // The client went away.
            }
        }
    }
}
