namespace Tare.Engine.Check;

/// <summary>What a check of the system found: the answer of <c>POST /tare/system/check</c>.</summary>
public sealed record CheckReport
{
    /// <summary>Blobs that were read and compared with their digest.</summary>
    public int Blobs { get; init; }

    /// <summary>Layers whose tree was compared with its archive.</summary>
    public int Layers { get; init; }

    /// <summary>Records of images that were compared with the store.</summary>
    public int Images { get; init; }

    /// <summary>Records of containers that were compared with their folders and layers.</summary>
    public int Containers { get; init; }

    /// <summary>Everything that is damaged or belongs to nothing; empty for a clean system.</summary>
    public IReadOnlyList<CheckFinding> Findings { get; init; } = [];

    /// <summary>Whether nothing is damaged, or everything was repaired.</summary>
    public bool IsClean => Findings.All(static finding => finding.Repaired is not null);
}
