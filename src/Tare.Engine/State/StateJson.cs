using System.Text.Json.Serialization;
using Tare.Engine.Networks;

namespace Tare.Engine.State;

/// <summary>Serialiser of the stored documents. Enumerations are stored by name.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContainerDocument))]
[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(NetworkRecord))]
[JsonSerializable(typeof(ImageDocument))]
[JsonSerializable(typeof(VolumeDocument))]
internal sealed partial class StateJson : JsonSerializerContext;
