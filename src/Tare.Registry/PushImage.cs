using Tare.Oci.Images;

namespace Tare.Registry;

/// <summary>An image that is to be pushed.</summary>
public sealed record PushImage
{
    /// <summary>The repository and the tag that it gets.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The configuration.</summary>
    public required UploadBlob Config { get; init; }

    /// <summary>The layers, the base first.</summary>
    public required IReadOnlyList<PushLayer> Layers { get; init; }

    /// <summary>Makes the manifest when the blobs of all layers are known, in their order.</summary>
    public required Func<IReadOnlyList<UploadBlob>, PushManifest> Manifest { get; init; }
}

/// <summary>A manifest as it is sent.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="MediaType">Its media type.</param>
public sealed record PushManifest(byte[] Content, string MediaType);

/// <summary>A layer that is to be pushed.</summary>
/// <param name="DiffId">Digest of its uncompressed archive: what progress messages name it by.</param>
/// <param name="MountFrom">Repositories of the same registry, by their paths, that have the blob: where it can be mounted from.</param>
/// <param name="Prepare">Gives the blob; makes it first where there is none yet.</param>
/// <param name="IsForeign">Whether it must not be passed on: the manifest names it, and it is not sent.</param>
public sealed record PushLayer(Digest DiffId, IReadOnlyList<string> MountFrom, Func<CancellationToken, Task<UploadBlob>> Prepare, bool IsForeign = false);

/// <summary>How a push ended.</summary>
/// <param name="Digest">Digest of the manifest.</param>
/// <param name="SizeBytes">Bytes of the manifest.</param>
public sealed record PushedImage(Digest Digest, long SizeBytes);
