using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Credentials;
using Tare.Cli.Output;
using Tare.Oci.Images;

namespace Tare.Cli.Manifests;

/// <summary>Reads and writes manifests in registries, with the user's credentials. The daemon passes them on, so that its certificates and proxies count.</summary>
/// <param name="client">The daemon.</param>
/// <param name="insecure">Whether registries may have any certificate, or none.</param>
internal sealed class RegistryManifests(DaemonClient client, bool insecure)
{
    private readonly CredentialStore _credentials = CredentialStore.Default;

    /// <summary>A reference with its tag, as it stands for one manifest.</summary>
    public static ImageReference Parse(string text) => ImageReference.Parse(text).WithDefaultTag();

    /// <summary>Fetches a manifest, or all those of a list.</summary>
    /// <exception cref="CommandException">There is none, or it may not be read (Docker's words).</exception>
    public (byte[] Document, string MediaType, IReadOnlyList<ManifestEntry> Entries) Fetch(ImageReference reference)
    {
        (byte[] document, string mediaType) = Manifest(reference);
        if (!MediaTypes.IsIndex(mediaType))
        {
            return (document, mediaType, [Entry(reference, document, mediaType, null)]);
        }

        ImageIndex index = JsonSerializer.Deserialize(document, ImagesJson.Default.ImageIndex) ?? new ImageIndex();
        return (document, mediaType, [.. index.Manifests.Select(descriptor =>
        {
            ImageReference one = reference.WithDigest(Digest.Parse(descriptor.Digest));
            (byte[] content, string type) = Manifest(one);
            return Entry(one, content, type, descriptor.Platform);
        })]);
    }

    /// <summary>Fetches the manifest of one platform.</summary>
    /// <exception cref="CommandException">There is none, or it is a list.</exception>
    public ManifestEntry FetchOne(ImageReference reference)
    {
        (byte[] document, string mediaType) = Manifest(reference);
        return MediaTypes.IsIndex(mediaType) ? throw new CommandException($"{reference} is a manifest list") : Entry(reference, document, mediaType, null);
    }

    /// <summary>Puts a manifest of another repository of the same registry beside a list: its blobs are mounted.</summary>
    /// <returns>Its digest there.</returns>
    public string Bring(ImageReference target, ManifestEntry entry)
    {
        ImageManifest manifest = JsonSerializer.Deserialize(entry.Content, ImagesJson.Default.ImageManifest) ?? new ImageManifest();
        IEnumerable<string> blobs = manifest.Layers.Append(manifest.Config ?? new Descriptor()).Where(blob => blob.Urls is null or []).Select(blob => blob.Digest).Distinct();
        return Put(target.WithDigest(entry.Digest), entry.Content, entry.MediaType, blobs.Select(blob => $"{blob}@{entry.Reference.Path}"));
    }

    /// <summary>Puts a document.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="document">The document.</param>
    /// <param name="mediaType">What it is.</param>
    /// <param name="mounts">Blobs that it needs, as <c>DIGEST@PATH</c>.</param>
    /// <returns>Its digest.</returns>
    public string Put(ImageReference target, byte[] document, string mediaType, IEnumerable<string>? mounts = null)
    {
        Query query = new($"/tare/manifests/{target}");
        foreach (string mount in mounts ?? [])
        {
            query.Add("mount", mount);
        }

        HttpRequest request = new("PUT", query.AddIf(insecure, "insecure").ToString())
        {
            Body = document,
            Headers = [("Content-Type", mediaType), .. Credentials(target)],
        };
        using DaemonResponse response = Send(request);
        using JsonDocument answer = response.ReadJson();
        return answer.RootElement.Text("Id");
    }

    private (byte[] Content, string MediaType) Manifest(ImageReference reference)
    {
        try
        {
            HttpRequest request = new("GET", new Query($"/tare/manifests/{reference}").AddIf(insecure, "insecure").ToString()) { Headers = [.. Credentials(reference)] };
            using DaemonResponse response = client.Send(request);
            return (response.Body.ReadAll(), response.ContentType.Split(';')[0]);
        }
        catch (DaemonException missing) when (missing.Status == 404 && !missing.Reason.StartsWith("pull access denied", StringComparison.Ordinal))
        {
            throw new CommandException($"no such manifest: {reference}");
        }
        catch (DaemonException failure)
        {
            throw new CommandException(failure.Reason);
        }
    }

    private ManifestEntry Entry(ImageReference reference, byte[] content, string mediaType, Platform? platform)
    {
        if (platform is null)
        {
            ImageManifest manifest = JsonSerializer.Deserialize(content, ImagesJson.Default.ImageManifest) ?? new ImageManifest();
            ImageConfiguration configuration = manifest.Config?.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig
                ? JsonSerializer.Deserialize(Blob(reference, manifest.Config.Digest), ImagesJson.Default.ImageConfiguration) ?? new ImageConfiguration()
                : new ImageConfiguration();
            platform = new Platform { Architecture = configuration.Architecture, Os = configuration.Os, Variant = configuration.Variant };
        }

        return new ManifestEntry(reference, mediaType, content, platform);
    }

    private byte[] Blob(ImageReference reference, string digest)
    {
        HttpRequest request = new("GET", new Query($"/tare/blobs/{reference.Name}").Add("digest", digest).AddIf(insecure, "insecure").ToString()) { Headers = [.. Credentials(reference)] };
        using DaemonResponse response = Send(request);
        return response.Body.ReadAll();
    }

    private DaemonResponse Send(HttpRequest request)
    {
        try
        {
            return client.Send(request);
        }
        catch (DaemonException failure)
        {
            throw new CommandException(failure.Reason);
        }
    }

    private (string, string)[] Credentials(ImageReference reference) => _credentials.HeaderFor(reference.Domain) is { } header ? [("X-Registry-Auth", header)] : [];
}
