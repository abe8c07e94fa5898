namespace Tare.Registry;

/// <summary>How registries are spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>Hosts (with port) that are spoken to without TLS, or with TLS whose certificate is not checked. Loopback hosts always belong here.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Mirrors of Docker Hub, asked first, as URLs.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>How many layers are fetched at once. Default 3, as Docker.</summary>
    public int MaximumDownloads { get; init; } = 3;

    /// <summary>How often a broken download is tried again. Default 5, as Docker.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>Pause before the first new try; each further one is longer by as much. Default 1 s.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may bring nothing before it counts as broken. Default 60 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
