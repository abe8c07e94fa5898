namespace Tare.Cli.Client;

/// <summary>One request to the daemon.</summary>
internal sealed class HttpRequest
{
    /// <summary>Creates a request.</summary>
    /// <param name="method">GET, POST, PUT, DELETE or HEAD.</param>
    /// <param name="target">The path below the API version with its query, such as <c>/containers/json?all=1</c>.</param>
    public HttpRequest(string method, string target)
    {
        Method = method;
        Target = target;
    }

    /// <summary>GET, POST, PUT, DELETE or HEAD.</summary>
    public string Method { get; }

    /// <summary>The path with its query.</summary>
    public string Target { get; init; }

    /// <summary>The body, when it is known beforehand.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body, when it is read while it is sent.</summary>
    public Stream? BodyStream { get; init; }

    /// <summary>Writes the body while it is sent, to a stream that takes large pieces best.</summary>
    public Action<Stream>? BodyWriter { get; init; }

    /// <summary>Whether the body is sent in chunks, and so only once.</summary>
    public bool IsStreamed => BodyStream is not null || BodyWriter is not null;

    /// <summary>Headers beyond those that every request has.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Asks to take the bare connection over.</summary>
    public bool Upgrade { get; init; }

    /// <summary>The same request for another path.</summary>
    public HttpRequest To(string target) => new(Method, target) { Body = Body, BodyStream = BodyStream, BodyWriter = BodyWriter, Headers = Headers, Upgrade = Upgrade };
}
