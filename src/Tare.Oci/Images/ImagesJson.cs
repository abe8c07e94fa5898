using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>Reads and writes image documents. What is hashed is never written again: blobs stay as they came.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, Converters = [typeof(NullIsFalseConverter), typeof(NullIsZeroConverter), typeof(NullIsLongZeroConverter)])]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfiguration))]
public sealed partial class ImagesJson : JsonSerializerContext
{
    /// <summary>Writes documents that go to registries: only what JSON itself forbids is escaped, so that media types stay readable.</summary>
    public static ImagesJson Plain { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
