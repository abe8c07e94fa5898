using Tare.Engine.Errors;

namespace Tare.Engine.Volumes;

/// <summary>What may be a volume's name.</summary>
internal static class VolumeNames
{
    /// <summary>The refusal of a name, in Docker's words.</summary>
    public static EngineException Invalid(string name) => new(
        ErrorClass.InvalidArgument,
        $"create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path");
}
