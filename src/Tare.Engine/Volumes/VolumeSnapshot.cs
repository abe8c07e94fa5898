namespace Tare.Engine.Volumes;

/// <summary>A volume, immutable.</summary>
public sealed record VolumeSnapshot
{
    /// <summary>Its name; 64 hexadecimal digits for an anonymous one.</summary>
    public required string Name { get; init; }

    /// <summary>Its driver: <c>local</c>.</summary>
    public string Driver { get; init; } = "local";

    /// <summary>Folder with its content.</summary>
    public required string Mountpoint { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Its labels; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Options of its driver; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
