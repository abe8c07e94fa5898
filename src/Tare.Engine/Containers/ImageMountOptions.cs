namespace Tare.Engine.Containers;

/// <summary>Options of a mount of an image (Docker Engine API, <c>Mount.ImageOptions</c>).</summary>
public sealed class ImageMountOptions
{
    /// <summary>Path inside the image; null or empty mounts all of it.</summary>
    public string? Subpath { get; set; }
}
