using System.Text.Json.Serialization;
using Tare.Engine.Containers;

namespace Tare.Engine.State;

/// <summary>A mount of a container, resolved from the request's three ways to write one (<c>-v</c>, <c>--mount</c>, <c>--tmpfs</c>) and the image's volumes.</summary>
internal sealed class ContainerMount
{
    /// <summary><c>bind</c>, <c>volume</c>, <c>tmpfs</c> or <c>image</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>Folders of an image that are mounted as one, the topmost first; empty for other types.</summary>
    public List<string> Layers { get; set; } = [];

    /// <summary>Id of the image that is mounted; null for other types, and for containers of earlier versions.</summary>
    public string? ImageId { get; set; }

    /// <summary>The volume's or image's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The volume's driver: <c>local</c> or a plugin; empty for other types and for the local one.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Path on the host.</summary>
    public string Source { get; set; } = "";

    /// <summary>Absolute, clean path in the container.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The options as they were written in the short form.</summary>
    public string Mode { get; set; } = "";

    /// <summary>Whether it is writable.</summary>
    public bool RW { get; set; } = true;

    /// <summary>Propagation; empty means rprivate.</summary>
    public string Propagation { get; set; } = "";

    /// <summary>Whether the volume belongs to this container alone.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Whether mounts below the source stay out.</summary>
    public bool NonRecursive { get; set; }

    /// <summary>Whether mounts below a read-only source stay writable.</summary>
    public bool ReadOnlyNonRecursive { get; set; }

    /// <summary>Whether the start fails when the mounts below a read-only source cannot be made read-only.</summary>
    public bool ReadOnlyForceRecursive { get; set; }

    /// <summary>Whether a missing source is made, as for <c>-v</c>.</summary>
    public bool CreateSource { get; set; }

    /// <summary>Whether an empty volume is filled from the image. Given up after the first time.</summary>
    public bool CopyUp { get; set; }

    /// <summary>Labels of a volume that is made for the container; null for none.</summary>
    public Dictionary<string, string>? VolumeLabels { get; set; }

    /// <summary>Driver options of a volume that is made for the container; null for none.</summary>
    public Dictionary<string, string>? VolumeOptions { get; set; }

    /// <summary>Path inside the volume.</summary>
    public string Subpath { get; set; } = "";

    /// <summary>Path on the host of that path inside the volume, while the container is made; null for the whole volume.</summary>
    [JsonIgnore]
    public string? Opened { get; set; }

    /// <summary>Mount options of a tmpfs, separated by commas.</summary>
    public string TmpfsOptions { get; set; } = "";

    /// <summary>Whether it came by <c>--tmpfs</c>, which inspect does not list among the mounts.</summary>
    public bool Hidden { get; set; }

    /// <summary>What inspect shows.</summary>
    public MountPoint ToMountPoint() => new()
    {
        Type = Type,
        Name = Name,
        Source = Source,
        Destination = Destination,
        Driver = Type != "volume" ? "" : Driver.Length > 0 ? Driver : "local",
        Mode = Mode,
        RW = RW,
        Propagation = Type == "bind" ? (Propagation.Length > 0 ? Propagation : "rprivate") : "",
        Anonymous = Anonymous,
    };
}
