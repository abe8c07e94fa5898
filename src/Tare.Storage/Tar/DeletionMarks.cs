namespace Tare.Storage.Tar;

/// <summary>How a tree or an archive says that something of the layers below is deleted.</summary>
internal enum DeletionMarks
{
    /// <summary>It does not: what looks like a mark is a file.</summary>
    None,

    /// <summary>As a layer does: overlayfs's whiteouts and opaque directories in the tree, <c>.wh.</c> files in the archive (image-spec, layer.md).</summary>
    Overlay,
}
