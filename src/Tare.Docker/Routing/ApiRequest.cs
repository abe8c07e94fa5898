using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Streams;
using Tare.Engine;
using Tare.Engine.Errors;

namespace Tare.Docker.Routing;

/// <summary>A request of the API with what its handler needs to answer it.</summary>
internal sealed class ApiRequest
{
    /// <summary>Most bytes of a document: a request holds names, labels and options, never content.</summary>
    private const int LongestBody = 16 << 20;

    /// <summary>Makes the request.</summary>
    /// <param name="context">The HTTP side.</param>
    /// <param name="engine">What answers it.</param>
    /// <param name="version">The API version that the client speaks.</param>
    /// <param name="name">The id or name in the path; empty for none.</param>
    /// <param name="aborted">Ends when the client has gone, or when the daemon stops.</param>
    public ApiRequest(HttpContext context, TareEngine engine, ApiVersion version, string name, CancellationToken aborted)
    {
        Context = context;
        Engine = engine;
        Version = version;
        Name = name;
        Aborted = aborted;
    }

    /// <summary>The HTTP side.</summary>
    public HttpContext Context { get; }

    /// <summary>What answers it.</summary>
    public TareEngine Engine { get; }

    /// <summary>The API version that the client speaks.</summary>
    public ApiVersion Version { get; }

    /// <summary>The id or name in the path; empty for none.</summary>
    public string Name { get; }

    /// <summary>Ends when the client has gone, or when the daemon stops.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>A parameter of the query; null when it is missing.</summary>
    public string? Query(string name) => Context.Request.Query.TryGetValue(name, out var values) ? values[0] : null;

    /// <summary>All values of a parameter that may be repeated.</summary>
    public IReadOnlyList<string> QueryAll(string name) => [.. Context.Request.Query[name].OfType<string>()];

    /// <summary>A truth value as Docker reads it: empty, 0, no, false and none are false, everything else is true.</summary>
    public bool QueryBool(string name, bool otherwise = false) => Query(name) is { } text
        ? text.Trim().ToLowerInvariant() is not ("" or "0" or "no" or "false" or "none")
        : otherwise;

    /// <summary>A whole number; null when it is missing or empty.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is no number (Go's text, which Docker passes on).</exception>
    public int? QueryInt(string name)
    {
        string? text = Query(name);
        return string.IsNullOrEmpty(text) ? null
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value
            : throw new EngineException(ErrorClass.InvalidArgument, $"strconv.Atoi: parsing \"{text}\": invalid syntax");
    }

    /// <summary>The parameter <c>filters</c>.</summary>
    /// <exception cref="EngineException">InvalidArgument: invalid filter.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Filters() => FilterParser.Parse(Query("filters"));

    /// <summary>Reads the body as JSON.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is missing, not declared as JSON, or malformed.</exception>
    public async Task<T> ReadJsonAsync<T>(JsonTypeInfo<T> type)
    {
        return BodyParser.Parse(await ReadBodyAsync(), type);
    }

    /// <summary>Reads the whole body that must be declared as JSON.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is not declared as JSON.</exception>
    public async Task<byte[]> ReadBodyAsync()
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[16 << 10];
        int count;
        while ((count = await Context.Request.Body.ReadAsync(buffer, Aborted)) > 0)
        {
            body.Write(buffer, 0, count);
            if (body.Length > LongestBody)
            {
                throw new EngineException(ErrorClass.InvalidArgument, "http: request body too large");
            }
        }

        if (body.Length > 0)
        {
            BodyParser.CheckContentType(Context.Request.ContentType);
        }

        // Bytes that are no UTF-8 become U+FFFD, as in Go's decoder.
        byte[] bytes = body.ToArray();
        return Utf8.IsValid(bytes) ? bytes : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Answers with a document and a line's end, as Docker does.</summary>
    public async Task WriteJsonAsync<T>(T document, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        ReadOnlyMemory<byte> text = JsonLine.Serialize(document, type, JsonLine.End);
        HttpResponse response = Context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = text.Length;
        await response.Body.WriteAsync(text, Aborted);
    }

    /// <summary>Answers without a document.</summary>
    public Task WriteStatusAsync(int status)
    {
        Context.Response.StatusCode = status;
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            Context.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends the headers of an answer whose body comes in pieces, at once.</summary>
    public async Task StartStreamAsync(string contentType)
    {
        Context.Response.ContentType = contentType;
        await Context.Response.StartAsync(Aborted);
        await Context.Response.Body.FlushAsync(Aborted);
    }

    /// <summary>The serialiser of the door's documents.</summary>
    public static DockerJson Json => DockerJson.Relaxed;
}
