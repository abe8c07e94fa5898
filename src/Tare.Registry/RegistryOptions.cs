namespace Tare.Registry;

/// <summary>How registries are spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>Hosts (with port) that are spoken to without TLS, or with TLS whose certificate is not checked. Loopback hosts always belong here.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Mirrors of Docker Hub, asked first, as URLs.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Folder of the registries' certificates, one folder a host below it. Default <c>/etc/docker/certs.d</c>, as Docker.</summary>
    public string CertificateFolder { get; init; } = "/etc/docker/certs.d";

    /// <summary>Proxies. Default: what the environment says.</summary>
    public ProxySettings Proxies { get; init; } = ProxySettings.OfEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>How many layers are sent at once. Default 5, as Docker.</summary>
    public int MaximumUploads { get; init; } = 5;

    /// <summary>How many bytes one request of an upload holds at most; 0 (the default) sends a blob in one. A registry that finds that too large gets pieces of 8 MiB.</summary>
    public int UploadChunkBytes { get; init; }

    /// <summary>How long a registry's wish to wait (Retry-After) is followed; a longer one is an error at once. Default 60 s.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many layers are fetched at once. Default 3, as Docker.</summary>
    public int MaximumDownloads { get; init; } = 3;

    /// <summary>How often a broken download is tried again. Default 5, as Docker.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>Pause before the first new try; each further one is twice as long. Default 1 s.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may bring nothing before it counts as broken. Default 60 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
