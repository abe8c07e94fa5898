using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>Reads and writes image documents. What is hashed is never written again: blobs stay as they came.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfiguration))]
public sealed partial class ImagesJson : JsonSerializerContext;
