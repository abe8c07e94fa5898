using System.Text.Json.Serialization;

namespace Tare.Runtime.Containers;

/// <summary>Serialization of state.json.</summary>
[JsonSerializable(typeof(StateDocument))]
internal sealed partial class StateJson : JsonSerializerContext;
