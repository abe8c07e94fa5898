using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Runtime.Shim.Protocol;

/// <summary>Serialisation of the shim protocol: camelCase names, absent members for null and default values, no line breaks.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.General,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = false)]
[JsonSerializable(typeof(ShimRequest))]
[JsonSerializable(typeof(ShimReply))]
[JsonSerializable(typeof(ShimEvent))]
[JsonSerializable(typeof(ExitRecord))]
public sealed partial class ShimJsonContext : JsonSerializerContext;
