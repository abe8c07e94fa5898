namespace Tare.Registry.Transport;

/// <summary>One request to a registry.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Uri">Where to; may lead to another host than the registry's, which gets no credentials.</param>
internal sealed record RegistryRequest(HttpMethod Method, Uri Uri)
{
    /// <summary>Media types that are understood.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>From which byte on content is wanted.</summary>
    public long Offset { get; init; }

    /// <summary>Makes the body; asked again when the request is sent again. Null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>How long the answer may take to begin; null for the usual time.</summary>
    public TimeSpan? Patience { get; init; }
}
