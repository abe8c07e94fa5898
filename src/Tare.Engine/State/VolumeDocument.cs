namespace Tare.Engine.State;

/// <summary>The stored part of a volume.</summary>
internal sealed class VolumeDocument
{
    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>Whether its name was made up.</summary>
    public bool Anonymous { get; set; }

    /// <summary>The plugin that keeps it; null for the local driver.</summary>
    public string? Driver { get; set; }

    /// <summary>The project that its files belong to; 0 for none.</summary>
    public uint Project { get; set; }

    /// <summary>Its labels; null for none.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Options of its driver; null for none.</summary>
    public Dictionary<string, string>? Options { get; set; }
}
