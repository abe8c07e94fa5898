using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>Takes null for 0, as Go's decoder does.</summary>
public sealed class NullIsZeroConverter : JsonConverter<int>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Null ? 0 : reader.GetInt32();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
