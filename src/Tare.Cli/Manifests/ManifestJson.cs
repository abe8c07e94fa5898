using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tare.Oci.Images;

namespace Tare.Cli.Manifests;

/// <summary>Writes manifests and lists in the form, and the order of members, that Docker's client has.</summary>
internal static class ManifestJson
{
    /// <summary>Media type of the list over entries: OCI's index when they are OCI's manifests.</summary>
    public static string ListType(IReadOnlyList<ManifestEntry> entries) => entries.Count > 0 && entries[0].MediaType == MediaTypes.OciManifest ? MediaTypes.OciIndex : MediaTypes.DockerManifestList;

    /// <summary>The list over entries, as it is pushed.</summary>
    public static byte[] List(IReadOnlyList<ManifestEntry> entries) => Write(new JsonWriterOptions { Indented = true, IndentSize = 3, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", ListType(entries));
        json.WriteStartArray("manifests");
        foreach (ManifestEntry entry in entries)
        {
            WriteDescriptor(json, entry, digestFirst: false);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>A document as it stands in the registry, indented for people.</summary>
    public static string Indent(byte[] document)
    {
        using JsonDocument parsed = JsonDocument.Parse(document);
        return Encoding.UTF8.GetString(Write(Tabs, parsed.WriteTo));
    }

    /// <summary>Entries with all that is known of them.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="asList">Whether they are printed as a list.</param>
    public static string Verbose(IReadOnlyList<ManifestEntry> entries, bool asList) => Encoding.UTF8.GetString(Write(Tabs, json =>
    {
        if (asList)
        {
            json.WriteStartArray();
        }

        foreach (ManifestEntry entry in entries)
        {
            WriteEntry(json, entry);
        }

        if (asList)
        {
            json.WriteEndArray();
        }
    }));

    /// <summary>An entry as it is kept between commands.</summary>
    public static byte[] Stored(ManifestEntry entry) => Write(new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }, json => WriteEntry(json, entry));

    private static JsonWriterOptions Tabs => new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static byte[] Write(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, options))
        {
            write(json);
        }

        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, ManifestEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("Ref", entry.Reference.ToString());
        json.WritePropertyName("Descriptor");
        WriteDescriptor(json, entry, digestFirst: true);
        json.WriteString("Raw", Convert.ToBase64String(entry.Content));
        json.WritePropertyName(entry.MediaType == MediaTypes.OciManifest ? "OCIManifest" : "SchemaV2Manifest");
        using (JsonDocument manifest = JsonDocument.Parse(entry.Content))
        {
            manifest.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void WriteDescriptor(Utf8JsonWriter json, ManifestEntry entry, bool digestFirst)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", entry.MediaType);
        if (digestFirst)
        {
            json.WriteString("digest", entry.Digest.ToString());
        }

        json.WriteNumber("size", entry.Content.Length);
        if (!digestFirst)
        {
            json.WriteString("digest", entry.Digest.ToString());
        }

        WritePlatform(json, entry.Platform);
        json.WriteEndObject();
    }

    private static void WritePlatform(Utf8JsonWriter json, Platform platform)
    {
        json.WriteStartObject("platform");
        json.WriteString("architecture", platform.Architecture);
        json.WriteString("os", platform.Os);
        if (!string.IsNullOrEmpty(platform.OsVersion))
        {
            json.WriteString("os.version", platform.OsVersion);
        }

        if (platform.OsFeatures is { Count: > 0 } features)
        {
            json.WriteStartArray("os.features");
            foreach (string feature in features)
            {
                json.WriteStringValue(feature);
            }

            json.WriteEndArray();
        }

        if (!string.IsNullOrEmpty(platform.Variant))
        {
            json.WriteString("variant", platform.Variant);
        }

        json.WriteEndObject();
    }
}
