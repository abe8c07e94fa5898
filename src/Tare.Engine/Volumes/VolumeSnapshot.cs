namespace Tare.Engine.Volumes;

/// <summary>A volume, immutable.</summary>
public sealed record VolumeSnapshot
{
    /// <summary>Its name; 64 hexadecimal digits for an anonymous one.</summary>
    public required string Name { get; init; }

    /// <summary>Its driver: <c>local</c>, or a plugin.</summary>
    public string Driver { get; init; } = "local";

    /// <summary><c>local</c>, or <c>global</c> for a volume that is the same on every machine.</summary>
    public string Scope { get; init; } = "local";

    /// <summary>What its plugin tells of it besides; null for nothing.</summary>
    public IReadOnlyDictionary<string, System.Text.Json.JsonElement>? Status { get; init; }

    /// <summary>Folder with its content.</summary>
    public required string Mountpoint { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Its labels; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Options of its driver; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
