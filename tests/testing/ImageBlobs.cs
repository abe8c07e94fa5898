using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tare.Testing;

/// <summary>An image built in memory: its blobs by digest and its manifest, ready to be served or pushed.</summary>
public sealed class ImageBlobs
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    private readonly JsonArray _layers = [];
    private readonly JsonArray _diffIds = [];

    /// <summary>Blobs by digest.</summary>
    public Dictionary<string, byte[]> Blobs { get; } = [];

    /// <summary>The manifest's bytes, once <see cref="Finish"/> made it.</summary>
    public byte[] Manifest { get; private set; } = [];

    /// <summary>The digest of a blob.</summary>
    public static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Adds a layer; <paramref name="compression"/> is "", "gzip" or "zstd".</summary>
    public ImageBlobs Layer(byte[] tar, string compression = "gzip")
    {
        byte[] blob = compression switch { "gzip" => Gzip(tar), "zstd" => Zstd(tar), _ => tar };
        return RawLayer(blob, DigestOf(tar), "application/vnd.oci.image.layer.v1.tar" + (compression.Length == 0 ? "" : "+" + compression));
    }

    /// <summary>Adds a layer blob as it is, whatever is wrong with it.</summary>
    public ImageBlobs RawLayer(byte[] blob, string diffId, string mediaType = "application/vnd.oci.image.layer.v1.tar+gzip", string? digest = null)
    {
        digest ??= DigestOf(blob);
        Blobs[digest] = blob;
        _layers.Add(new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = blob.Length });
        _diffIds.Add(diffId);
        return this;
    }

    /// <summary>Adds a layer that registries do not keep: its descriptor says where it is fetched from.</summary>
    public ImageBlobs ForeignLayer(byte[] blob, string diffId, string mediaType, params string[] urls)
    {
        _layers.Add(new JsonObject { ["mediaType"] = mediaType, ["digest"] = DigestOf(blob), ["size"] = blob.Length, ["urls"] = new JsonArray([.. urls.Select(url => (JsonNode)url)]) });
        _diffIds.Add(diffId);
        return this;
    }

    /// <summary>Makes configuration and manifest.</summary>
    public ImageBlobs Finish(string architecture = "amd64", params string[] command)
    {
        byte[] config = Bytes(new JsonObject
        {
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["created"] = "2026-01-01T00:00:00Z",
            ["config"] = new JsonObject { ["Cmd"] = new JsonArray([.. command.Select(word => (JsonNode)word)]), ["Env"] = new JsonArray("PATH=/bin") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = _diffIds.DeepClone() },
        });
        Blobs[DigestOf(config)] = config;
        Manifest = Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["config"] = new JsonObject { ["mediaType"] = "application/vnd.oci.image.config.v1+json", ["digest"] = DigestOf(config), ["size"] = config.Length },
            ["layers"] = _layers.DeepClone(),
        });
        return this;
    }

    /// <summary>An index over images of several platforms.</summary>
    public static byte[] Index(params (ImageBlobs Image, string Architecture)[] images)
        => Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciIndex,
            ["manifests"] = new JsonArray([.. images.Select(entry => (JsonNode)new JsonObject
            {
                ["mediaType"] = OciManifest,
                ["digest"] = DigestOf(entry.Image.Manifest),
                ["size"] = entry.Image.Manifest.Length,
                ["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = entry.Architecture },
            })]),
        });

    public static byte[] Gzip(byte[] content)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }

    private static byte[] Zstd(byte[] content)
    {
        using ZstdSharp.Compressor compressor = new();
        return compressor.Wrap(content).ToArray();
    }

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));
}
