using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Reads and writes the runtime documents. Unknown properties are passed over, as the specification demands; absent values are not written.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, ReadCommentHandling = JsonCommentHandling.Disallow)]
[JsonSerializable(typeof(RuntimeSpec))]
[JsonSerializable(typeof(ProcessSpec))]
[JsonSerializable(typeof(LinuxResources))]
[JsonSerializable(typeof(LinuxSeccomp))]
[JsonSerializable(typeof(ContainerState))]
[JsonSerializable(typeof(List<ContainerState>))]
public sealed partial class RuntimeJson : JsonSerializerContext;
