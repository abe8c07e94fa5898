using Tare.Oci.Images;
using Tare.Registry.Pulling;

namespace Tare.Registry.Pushing;

/// <summary>Pushes an image to one endpoint: what the registry lacks of layers and configuration, then the manifest.</summary>
internal sealed class ImagePush(SemaphoreSlim uploads)
{
    private const int MaximumMountTries = 3;

    /// <summary>Pushes.</summary>
    /// <exception cref="RegistryException">The registry does not take it.</exception>
    public async Task<PushedImage> RunAsync(RepositoryClient repository, PushImage image, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        foreach (PushLayer layer in image.Layers)
        {
            progress.Report(new PullProgress(layer.DiffId.Short, "Preparing"));
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Equal layers are sent once.
        Dictionary<Digest, Task<UploadBlob>> sending = [];
        foreach (PushLayer layer in image.Layers.Reverse())
        {
            sending.TryAdd(layer.DiffId, LayerAsync(repository, layer, progress, stop));
        }

        UploadBlob[] blobs = await AllAsync(image.Layers.Select(layer => sending[layer.DiffId]));
        if (!await repository.HasBlobAsync(image.Config.Digest, cancellationToken))
        {
            await UploadAsync(repository, image.Config, null, null, cancellationToken);
        }

        PushManifest manifest = image.Manifest(blobs);
        string tag = image.Reference.Tag ?? Digest.Of(manifest.Content).ToString();
        Digest digest = await repository.PutManifestAsync(tag, manifest.Content, manifest.MediaType, cancellationToken);
        progress.Report(new PullProgress(null, $"{tag}: digest: {digest} size: {manifest.Content.Length}"));
        return new PushedImage(digest, manifest.Content.Length);
    }

    // The failure that stopped the others is the one to tell.
    private static async Task<UploadBlob[]> AllAsync(IEnumerable<Task<UploadBlob>> sending)
    {
        List<Task<UploadBlob>> tasks = [.. sending];
        try
        {
            return await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException) when (tasks.Find(task => task.IsFaulted) is { } failed)
        {
            await failed;
            throw;
        }
    }

    private async Task<UploadBlob> LayerAsync(RepositoryClient repository, PushLayer layer, IProgress<PullProgress> progress, CancellationTokenSource stop)
    {
        string id = layer.DiffId.Short;
        try
        {
            if (uploads.CurrentCount == 0)
            {
                progress.Report(new PullProgress(id, "Waiting"));
            }

            await uploads.WaitAsync(stop.Token);
            try
            {
                UploadBlob blob = await layer.Prepare(stop.Token);
                progress.Report(new PullProgress(id, await SendAsync(repository, blob, layer, progress, stop.Token)));
                return blob;
            }
            finally
            {
                uploads.Release();
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    /// <summary>Brings a layer's blob to the registry by the cheapest way.</summary>
    /// <returns>The status that tells the way.</returns>
    private static async Task<string> SendAsync(RepositoryClient repository, UploadBlob blob, PushLayer layer, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        if (layer.IsForeign)
        {
            return "Skipped foreign layer";
        }

        if (await repository.HasBlobAsync(blob.Digest, cancellationToken))
        {
            return "Layer already exists";
        }

        Uri? session = null;
        foreach (string path in layer.MountFrom.Take(MaximumMountTries))
        {
            session = await repository.BeginUploadAsync(blob.Digest, path, cancellationToken);
            if (session is null)
            {
                return $"Mounted from {path}";
            }
        }

        LayerProgress told = new(progress, layer.DiffId.Short, blob.Size);
        await UploadAsync(repository, blob, session, told.Counting("Pushing"), cancellationToken);
        return "Pushed";
    }

    private static async Task UploadAsync(RepositoryClient repository, UploadBlob blob, Uri? session, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        session ??= await repository.BeginUploadAsync(blob.Digest, null, cancellationToken)
            ?? throw new RegistryException(RegistryErrorKind.Protocol, "the registry mounts a blob that nobody asked to be mounted");
        await repository.UploadAsync(session, blob, progress, cancellationToken);
    }
}
