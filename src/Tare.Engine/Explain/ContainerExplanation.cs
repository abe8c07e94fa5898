namespace Tare.Engine.Explain;

/// <summary>What a container is made of, read from the kernel at this moment: the answer of <c>GET /tare/containers/{id}/explain</c>.</summary>
public sealed record ContainerExplanation
{
    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>The container's name.</summary>
    public required string Name { get; init; }

    /// <summary>The image as the user named it.</summary>
    public required string Image { get; init; }

    /// <summary>Where it stands in its life.</summary>
    public required ExplainedState State { get; init; }

    /// <summary>The process inside; null while none runs.</summary>
    public ExplainedProcess? Process { get; init; }

    /// <summary>The namespaces of the process; empty while none runs.</summary>
    public IReadOnlyList<ExplainedNamespace> Namespaces { get; init; } = [];

    /// <summary>The control groups of the process with the limits in force; empty while none runs.</summary>
    public IReadOnlyList<ExplainedCgroup> Cgroups { get; init; } = [];

    /// <summary>The layers of the root file system, the writable one first, then the image's from the top.</summary>
    public IReadOnlyList<ExplainedLayer> Layers { get; init; } = [];

    /// <summary>The mounts that the process sees; empty while none runs.</summary>
    public IReadOnlyList<ExplainedMount> Mounts { get; init; } = [];

    /// <summary>Its end of the network.</summary>
    public required ExplainedNetwork Network { get; init; }

    /// <summary>Its monitor; null while it does not run.</summary>
    public ExplainedShim? Shim { get; init; }
}
