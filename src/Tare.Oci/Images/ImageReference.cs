using System.Text.RegularExpressions;

namespace Tare.Oci.Images;

/// <summary>
/// Name of an image as people write it: <c>[domain[:port]/]path[:tag][@digest]</c>, normalised as Docker does (docker.io and library/ where
/// they are left out). Grammar: distribution, reference.
/// </summary>
public sealed partial record ImageReference
{
    private const string DefaultDomain = "docker.io";
    private const string LegacyDomain = "index.docker.io";
    private const string OfficialPrefix = "library/";
    private const int MaximumNameLength = 255;

    private ImageReference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry: <c>docker.io</c>, <c>localhost:5000</c>.</summary>
    public string Domain { get; }

    /// <summary>The repository inside the registry: <c>library/debian</c>.</summary>
    public string Path { get; }

    /// <summary>The tag; null when none was written and <see cref="WithDefaultTag"/> was not asked for.</summary>
    public string? Tag { get; }

    /// <summary>The digest of the manifest; null for none.</summary>
    public Digest? Digest { get; }

    /// <summary>Domain and path: <c>docker.io/library/debian</c>.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary>The name as Docker shows it: <c>debian</c>, <c>user/tool</c>, <c>localhost:5000/tool</c>.</summary>
    public string FamiliarName => Domain != DefaultDomain ? Name
        : Path.StartsWith(OfficialPrefix, StringComparison.Ordinal) && !Path[OfficialPrefix.Length..].Contains('/', StringComparison.Ordinal) ? Path[OfficialPrefix.Length..]
        : Path;

    /// <summary>The reference as Docker shows it: <c>debian:latest</c>.</summary>
    public string Familiar => FamiliarName + Suffix;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>Reads a reference.</summary>
    /// <exception cref="FormatException">It is none; the message is Docker's.</exception>
    public static ImageReference Parse(string text)
    {
        if (text.Length == 64 && Images.Digest.IsHex(text))
        {
            throw new FormatException($"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings");
        }

        (string domain, string remainder) = SplitDomain(text);
        string remote = remainder.Split(':', '@')[0];
        if (remote.Any(char.IsAsciiLetterUpper))
        {
            throw new FormatException($"invalid reference format: repository name ({remote}) must be lowercase");
        }

        Match match = Reference().Match(remainder);
        if (!match.Success || !DomainPattern().IsMatch(domain))
        {
            throw new FormatException("invalid reference format");
        }

        string path = match.Groups["path"].Value;
        if (domain.Length + 1 + path.Length > MaximumNameLength)
        {
            throw new FormatException($"repository name must not be more than {MaximumNameLength} characters");
        }

        Digest? digest = null;
        if (match.Groups["digest"] is { Success: true, Value: string value })
        {
            digest = Images.Digest.TryParse(value, out Digest parsed) ? parsed : throw new FormatException("invalid checksum digest format");
        }

        return new ImageReference(domain, path, match.Groups["tag"] is { Success: true, Value: string tag } ? tag : null, digest);
    }

    /// <summary>The reference with <c>latest</c> where neither tag nor digest was written.</summary>
    public ImageReference WithDefaultTag() => Tag is null && Digest is null ? WithTag("latest") : this;

    /// <summary>The same repository with another tag and no digest.</summary>
    /// <exception cref="FormatException">It is no tag.</exception>
    public ImageReference WithTag(string tag) => TagPattern().IsMatch(tag) ? new ImageReference(Domain, Path, tag, null) : throw new FormatException("invalid tag format");

    /// <summary>The same repository by digest.</summary>
    public ImageReference WithDigest(Digest digest) => new(Domain, Path, null, digest);

    /// <summary>The full reference: <c>docker.io/library/debian:latest</c>.</summary>
    public override string ToString() => Name + Suffix;

    private static (string Domain, string Remainder) SplitDomain(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : text[..slash];
        bool isDomain = slash >= 0 && (first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper));
        string domain = isDomain ? first : DefaultDomain;
        string remainder = isDomain ? text[(slash + 1)..] : text;
        domain = domain == LegacyDomain ? DefaultDomain : domain;
        return (domain, domain == DefaultDomain && !remainder.Contains('/', StringComparison.Ordinal) ? OfficialPrefix + remainder : remainder);
    }

    [GeneratedRegex(@"^(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DomainPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();
}
