namespace Tare.Engine.Containers;

/// <summary>
/// A container at one instant, immutable. The documents in it are shared with the engine: they are only read, never changed.
/// </summary>
public sealed record ContainerSnapshot
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name without Docker's leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The command: the entry point's first word, or the command's.</summary>
    public required string Path { get; init; }

    /// <summary>The command's arguments.</summary>
    public required IReadOnlyList<string> Args { get; init; }

    /// <summary>Id of the image (<c>sha256:…</c>).</summary>
    public required string ImageId { get; init; }

    /// <summary>The image as a list names it: the user's name for it, or its id once that name means another image or none.</summary>
    public string ImageName { get; init; } = "";

    /// <summary>Digest of the manifest that the image was pulled by; null for an imported one.</summary>
    public string? ImageManifestDigest { get; init; }

    /// <summary>The configuration after the merge with the image's. <c>Config.Image</c> is the image as the user named it.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>How it is run on this machine, defaults filled in.</summary>
    public required HostConfig HostConfig { get; init; }

    /// <summary>The changing part.</summary>
    public required ContainerState State { get; init; }

    /// <summary>Number of restarts by the restart policy.</summary>
    public int RestartCount { get; init; }

    /// <summary>The mounts in force or to be made at the next start.</summary>
    public IReadOnlyList<MountPoint> Mounts { get; init; } = [];

    /// <summary>Network name to endpoint; addresses are empty while it does not run.</summary>
    public IReadOnlyDictionary<string, EndpointSettings> Networks { get; init; } = new Dictionary<string, EndpointSettings>();

    /// <summary>Ports in force: <c>port/protocol</c> to host addresses, null for an exposed port that is not published. Empty while it does not run.</summary>
    public IReadOnlyDictionary<string, List<PortBinding>?> Ports { get; init; } = new Dictionary<string, List<PortBinding>?>();

    /// <summary>The AppArmor profile; empty for none.</summary>
    public string AppArmorProfile { get; init; } = "";

    /// <summary>Links to other containers as <c>/container:/own-name/alias</c>; null for none.</summary>
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>Names that other containers know it by: <c>other/alias</c>.</summary>
    public IReadOnlyList<string> LinkedNames { get; init; } = [];

    /// <summary>Folders of the image's layers, the topmost first.</summary>
    public IReadOnlyList<string> LowerDirs { get; init; } = [];

    /// <summary>Folder with the container's files: upper, work, rootfs, log, hosts, hostname, resolv.conf.</summary>
    public required string Folder { get; init; }

    /// <summary>Path of the current log file; empty without a readable log.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>Ids of the exec sessions that run.</summary>
    public IReadOnlyList<string> ExecIds { get; init; } = [];

    /// <summary>Platform of the image, such as <c>linux</c>.</summary>
    public string Platform { get; init; } = "linux";

    /// <summary>Id of the network sandbox; empty before the first start.</summary>
    public string SandboxId { get; init; } = "";

    /// <summary>Path of the network namespace while it runs; empty otherwise.</summary>
    public string SandboxKey { get; init; } = "";
}
