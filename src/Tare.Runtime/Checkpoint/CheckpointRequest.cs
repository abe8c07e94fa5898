using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>What <see cref="ContainerCheckpoint"/> does.</summary>
internal sealed record CheckpointRequest
{
    /// <summary>The container.</summary>
    public required StoredContainer Container { get; init; }

    /// <summary>The folder of the images; made if it is missing.</summary>
    public required string ImagePath { get; init; }

    /// <summary>What a dump and a restore have in common.</summary>
    public CriuSettings Settings { get; init; } = new();

    /// <summary>Earlier images, relative to the folder of these; null for none.</summary>
    public string? ParentPath { get; init; }

    /// <summary>Leaves the processes running.</summary>
    public bool LeaveRunning { get; init; }

    /// <summary>Writes the memory only, and leaves the processes running.</summary>
    public bool PreDump { get; init; }

    /// <summary>Leaves connections out that are being set up.</summary>
    public bool SkipTcpInFlight { get; init; }

    /// <summary>Links files back that are open and have no name.</summary>
    public bool LinkRemap { get; init; }

    /// <summary>Where pages are sent; null writes them to the images.</summary>
    public (string Address, int Port)? PageServer { get; init; }

    /// <summary>Descriptor that gets a zero byte once lazy pages can be fetched; -1 for none.</summary>
    public int StatusDescriptor { get; init; } = -1;
}
