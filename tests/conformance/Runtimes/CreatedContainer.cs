using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>What a daemon tells of one container on its way from the request to its end; ids and addresses are made the same.</summary>
internal sealed partial record CreatedContainer(string Create, string Discarded, string Host, string Process, string MountPoints, string Start, string Output, string ExitCode)
{
    private const string Name = "compared-fields";

    /// <summary>Creates a container by the API, runs it to its end and removes it.</summary>
    /// <param name="socket">The daemon's socket.</param>
    /// <param name="body">The members of the body beside image and command.</param>
    /// <param name="script">What the container runs: it looks at itself.</param>
    public static async Task<CreatedContainer> OfAsync(string socket, string body, string script)
    {
        using HttpClient client = Connect(socket);
        JsonObject document = JsonNode.Parse("{" + body + "}")!.AsObject();
        document["Image"] = "busybox";
        document["Cmd"] = new JsonArray("sh", "-c", script);
        await client.DeleteAsync($"/v1.51/containers/{Name}?force=1&v=1");
        (int status, string text) = await SendAsync(client, HttpMethod.Post, $"containers/create?name={Name}", document.ToJsonString());
        if (status != 201)
        {
            return new CreatedContainer($"{status} {Message(text)}", "", "", "", "", "", "", "");
        }

        string warnings = JsonNode.Parse(text)!["Warnings"]!.ToJsonString();
        JsonNode inspect = JsonNode.Parse((await SendAsync(client, HttpMethod.Get, $"containers/{Name}/json")).Text)!;
        JsonObject host = inspect["HostConfig"]!.AsObject();
        host.Remove("Runtime"); // The fixture's dockerd has tare-runtime under a name.
        (int started, string startText) = await SendAsync(client, HttpMethod.Post, $"containers/{Name}/start");
        string output = "";
        string exit = "";
        if (started == 204)
        {
            exit = JsonNode.Parse((await SendAsync(client, HttpMethod.Post, $"containers/{Name}/wait")).Text)!["StatusCode"]!.ToJsonString();
            output = Demultiplex(await client.GetByteArrayAsync($"/v1.51/containers/{Name}/logs?stdout=1&stderr=1"));
        }

        await client.DeleteAsync($"/v1.51/containers/{Name}?force=1&v=1");
        return new CreatedContainer(
            "201", warnings, Same(Lines(host)), Same(Lines(inspect["Config"]!.AsObject())), Same(MountsOf(inspect)), started == 204 ? "204" : $"{started} {Same(Message(startText))}", Same(output), exit);
    }

    private static HttpClient Connect(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://daemon"),
    };

    private static async Task<(int Status, string Text)> SendAsync(HttpClient client, HttpMethod method, string path, string? body = null)
    {
        using HttpRequestMessage request = new(method, "/v1.51/" + path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Message(string text) => text.Length == 0 ? "" : JsonNode.Parse(text)!["message"]!.GetValue<string>();

    private static string Lines(JsonObject document) => string.Join('\n', document.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}: {member.Value?.ToJsonString() ?? "null"}"));

    private static string MountsOf(JsonNode inspect)
        => string.Join('\n', inspect["Mounts"]!.AsArray().Select(mount => $"{mount!["Type"]} {mount["Destination"]} {mount["Mode"]} {mount["RW"]} {mount["Propagation"]}").Order(StringComparer.Ordinal));

    private static string Demultiplex(byte[] stream)
    {
        StringBuilder text = new();
        for (int at = 0; at + 8 <= stream.Length;)
        {
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(stream.AsSpan(at + 4));
            text.Append(Encoding.UTF8.GetString(stream, at + 8, length));
            at += 8 + length;
        }

        return text.ToString();
    }

    private static string Same(string text) => Address().Replace(Id().Replace(text, "ID"), "10.x.x.$1");

    [GeneratedRegex("\\b[0-9a-f]{64}\\b|\\b[0-9a-f]{12}\\b")]
    private static partial Regex Id();

    [GeneratedRegex("\\b10\\.[0-9]+\\.[0-9]+\\.([0-9]+)\\b")]
    private static partial Regex Address();
}
