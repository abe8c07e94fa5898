using Tare.Oci.Images;

namespace Tare.Storage.Layers;

/// <summary>A blob that was stored and unpacked in one pass.</summary>
/// <param name="Digest">Digest of the blob.</param>
/// <param name="SizeBytes">Bytes of the blob.</param>
/// <param name="Unpacking">
/// Ends with the unpacked layer, which has no name yet and is the caller's to commit or dispose; or with a <see cref="StorageException"/> when the blob is no layer,
/// and is then the caller's to delete. Must be awaited.
/// </param>
public sealed record IngestedLayer(Digest Digest, long SizeBytes, Task<StagedLayer> Unpacking);
