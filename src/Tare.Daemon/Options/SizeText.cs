using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Daemon.Options;

/// <summary>Reads a size that is a text such as <c>64M</c> or a number of bytes; the text is kept.</summary>
internal sealed class SizeText : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.Number ? reader.GetInt64().ToString(CultureInfo.InvariantCulture) : reader.GetString() ?? "";

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
