using System.Text.Json.Serialization;

namespace Tare.Engine.Security;

/// <summary>Serialiser of seccomp profiles.</summary>
[JsonSerializable(typeof(SeccompProfileDocument))]
internal sealed partial class SeccompProfileJson : JsonSerializerContext;
