namespace Tare.Engine.Containers;

/// <summary>What a client asks for when it creates a container. The engine takes the documents over: the caller does not use them again.</summary>
public sealed record CreateContainerRequest
{
    /// <summary>The name, with or without a leading slash; null or empty makes one up.</summary>
    public string? Name { get; init; }

    /// <summary>What runs.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>How it is run; null takes the defaults.</summary>
    public HostConfig? HostConfig { get; init; }

    /// <summary>Endpoint settings per network; null takes the defaults.</summary>
    public NetworkingConfig? NetworkingConfig { get; init; }

    /// <summary>Whether a MAC address of the whole container is worth a warning: from version 1.44 of the API on.</summary>
    public bool TellsOldMacAddress { get; init; }

    /// <summary>Whether mounts below a read-only mount stay writable unless the mount says otherwise: before version 1.44 of the API.</summary>
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary>Platform as <c>os[/arch[/variant]]</c>; null takes the image that is there.</summary>
    public string? Platform { get; init; }
}
