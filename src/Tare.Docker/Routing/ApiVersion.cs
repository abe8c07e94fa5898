namespace Tare.Docker.Routing;

/// <summary>A version of the Docker Engine API, such as 1.51.</summary>
/// <param name="Major">Always 1 so far.</param>
/// <param name="Minor">Counts up with Docker's releases.</param>
internal readonly record struct ApiVersion(int Major, int Minor) : IComparable<ApiVersion>
{
    /// <summary>The newest version that is spoken: that of Docker 28.5.</summary>
    public static ApiVersion Current { get; } = new(1, 51);

    /// <summary>The oldest version that is spoken: Docker 28.5's.</summary>
    public static ApiVersion Minimum { get; } = new(1, 24);

    /// <summary>Reads <c>1.51</c>; false when it is something else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ApiVersion version)
    {
        version = default;
        int dot = text.IndexOf('.');
        if (dot <= 0 || !int.TryParse(text[..dot], System.Globalization.NumberStyles.None, null, out int major)
            || !int.TryParse(text[(dot + 1)..], System.Globalization.NumberStyles.None, null, out int minor))
        {
            return false;
        }

        version = new ApiVersion(major, minor);
        return true;
    }

    /// <summary>Tells why this version cannot be spoken, in Docker's words; null when it can.</summary>
    public string? Refusal() => CompareTo(Current) > 0
        ? $"client version {this} is too new. Maximum supported API version is {Current}"
        : CompareTo(Minimum) < 0
            ? $"client version {this} is too old. Minimum supported API version is {Minimum}, please upgrade your client to a newer version"
            : null;

    /// <inheritdoc/>
    public int CompareTo(ApiVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";
}
