using Tare.Engine.Containers;

namespace Tare.Engine.Archives;

/// <summary>What is asked for when an image is made of a container.</summary>
public sealed record CommitRequest
{
    /// <summary>The container.</summary>
    public required string Container { get; init; }

    /// <summary>Name of the image without tag; null or empty gives none.</summary>
    public string? Repository { get; init; }

    /// <summary>Tag; null or empty means latest.</summary>
    public string? Tag { get; init; }

    /// <summary>Who makes it.</summary>
    public string Author { get; init; } = "";

    /// <summary>A remark.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Dockerfile instructions: CMD, ENV …</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>Whether a running container is frozen meanwhile. Default true.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>What the image runs, completed by what the container does; null takes the container's.</summary>
    public ContainerConfig? Config { get; init; }
}
