using System.Text.Json.Serialization;
using Tare.Engine.Execs;
using Tare.Oci.Images;

namespace Tare.Engine.Containers;

/// <summary>Serialiser of the domain documents in Docker's JSON. Reading ignores the case of names and takes null for an empty value, as Go's decoder does.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, AllowDuplicateProperties = true, Converters = [typeof(NullIsFalseConverter), typeof(NullIsZeroConverter), typeof(NullIsLongZeroConverter)])]
[JsonSerializable(typeof(ContainerConfig))]
[JsonSerializable(typeof(HostConfig))]
[JsonSerializable(typeof(NetworkingConfig))]
[JsonSerializable(typeof(EndpointSettings))]
[JsonSerializable(typeof(ExecConfig))]
[JsonSerializable(typeof(Explain.ContainerExplanation))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
public sealed partial class EngineJson : JsonSerializerContext;
