using Tare.Engine.Containers;

namespace Tare.Engine.State;

/// <summary>The stored part of a container that does not change with its runs.</summary>
internal sealed class ContainerDocument
{
    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>The first word of what it executes.</summary>
    public string Path { get; set; } = "";

    /// <summary>The other words.</summary>
    public List<string> Args { get; set; } = [];

    /// <summary>Id of the image.</summary>
    public string ImageId { get; set; } = "";

    /// <summary>Digest of the manifest that the image was pulled by; null for an imported one.</summary>
    public string? ManifestDigest { get; set; }

    /// <summary>What runs.</summary>
    public ContainerConfig Config { get; set; } = new();

    /// <summary>How it is run.</summary>
    public HostConfig HostConfig { get; set; } = new();

    /// <summary>The endpoints that were asked for, by network name.</summary>
    public Dictionary<string, EndpointSettings> Endpoints { get; set; } = [];

    /// <summary>How many bytes the writable layer may occupy; 0 for no limit.</summary>
    public long LayerSizeBytes { get; set; }

    /// <summary>The project that the writable layer belongs to; 0 where the file system enforces no project quotas.</summary>
    public uint LayerProject { get; set; }

    /// <summary>Links to other containers of the default bridge; null for none.</summary>
    public List<ContainerLink>? Links { get; set; }

    /// <summary>The user's mounts, in the order in which they are made.</summary>
    public List<ContainerMount> Mounts { get; set; } = [];

    /// <summary>Chain ids of the image's layers, the base first.</summary>
    public List<string> ChainIds { get; set; } = [];
}
