namespace Tare.Cli.Images;

/// <summary>The name of an image as a user writes it, split into what the API wants to have apart.</summary>
/// <param name="Repository">The name without tag and digest.</param>
/// <param name="Tag">The tag; empty when there is none or a digest stands in its place.</param>
/// <param name="Digest">The digest, or empty.</param>
internal sealed record ImageName(string Repository, string Tag, string Digest)
{
    /// <summary>The name with its tag or digest; <c>latest</c> when neither was written.</summary>
    public string Familiar => Digest.Length > 0 ? $"{Repository}@{Digest}" : $"{Repository}:{(Tag.Length > 0 ? Tag : "latest")}";

    /// <summary>The name in full, with its registry.</summary>
    public string Canonical => CanonicalRepository + Familiar[Repository.Length..];

    /// <summary>The name in full without tag and digest.</summary>
    public string CanonicalRepository => Registry != "docker.io" ? Repository
        : Repository.StartsWith("docker.io/", StringComparison.Ordinal) ? Repository
        : Repository.Contains('/', StringComparison.Ordinal) ? $"docker.io/{Repository}" : $"docker.io/library/{Repository}";

    /// <summary>The registry: host and port.</summary>
    public string Registry
    {
        get
        {
            int slash = Repository.IndexOf('/', StringComparison.Ordinal);
            string first = slash < 0 ? string.Empty : Repository[..slash];
            return first == "localhost" || first.AsSpan().IndexOfAny('.', ':') >= 0 ? first : "docker.io";
        }
    }

    /// <summary>Splits a name.</summary>
    public static ImageName Parse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string name = at < 0 ? text : text[..at];
        int colon = name.LastIndexOf(':');
        bool tagged = colon > name.LastIndexOf('/');
        return new ImageName(tagged ? name[..colon] : name, tagged ? name[(colon + 1)..] : string.Empty, at < 0 ? string.Empty : text[(at + 1)..]);
    }
}
