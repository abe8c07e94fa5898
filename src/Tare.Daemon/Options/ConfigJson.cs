using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Daemon.Options;

/// <summary>Serialiser of the configuration file; comments and a last comma are allowed in it.</summary>
[JsonSourceGenerationOptions(ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(ConfigFile))]
internal sealed partial class ConfigJson : JsonSerializerContext;
