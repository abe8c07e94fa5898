namespace Tare.Storage.Tar;

/// <summary>A part of a sparse file that holds data.</summary>
/// <param name="Offset">Where in the file it begins, in bytes.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct SparseSegment(long Offset, long Length);
