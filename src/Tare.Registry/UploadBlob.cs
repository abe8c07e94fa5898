using Tare.Oci.Images;

namespace Tare.Registry;

/// <summary>A blob that is to be uploaded.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Open">Opens it; the stream can be wound, and is the opener's to close.</param>
public sealed record UploadBlob(Digest Digest, long Size, Func<Stream> Open);
