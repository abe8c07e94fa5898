using System.Diagnostics.CodeAnalysis;

namespace Tare.Engine.Errors;

/// <summary>The texts that Docker's clients and scripts match, verbatim (moby 28.5), in one place.</summary>
internal static class EngineErrors
{
    public static EngineException NoSuchContainer(string name) => new(ErrorClass.NotFound, $"No such container: {name}");

    public static EngineException NoSuchImage(string reference) => new(ErrorClass.NotFound, $"No such image: {reference}");

    public static EngineException NoSuchExec(string id) => new(ErrorClass.NotFound, $"No such exec instance: {id}");

    public static EngineException NoSuchNetwork(string name) => new(ErrorClass.NotFound, $"network {name} not found");

    public static EngineException NoSuchVolume(string name) => new(ErrorClass.NotFound, $"get {name}: no such volume");

    public static EngineException AmbiguousId(string prefix) =>
        new(ErrorClass.InvalidArgument, $"Multiple IDs found with provided prefix: {prefix}");

    public static EngineException NameInUse(string name, string holderId) => new(
        ErrorClass.Conflict,
        $"Conflict. The container name \"/{name}\" is already in use by container \"{holderId}\". You have to remove (or rename) that container to be able to reuse that name.");

    public static EngineException NotRunning(string id) => new(ErrorClass.Conflict, $"container {id} is not running");

    public static EngineException AlreadyStarted(string id) => new(ErrorClass.NotModified, $"container {id} is already running");

    public static EngineException RemovalInProgress(string id) => new(ErrorClass.Conflict, $"removal of container {id} is already in progress");

    public static EngineException MarkedForRemoval() =>
        new(ErrorClass.Conflict, "container is marked for removal and cannot be started");

    public static EngineException CannotRemoveRunning(string name, string status) => new(
        ErrorClass.Conflict,
        status == "paused"
            ? $"cannot remove container \"{name}\": container is paused and must be unpaused first"
            : $"cannot remove container \"{name}\": container is {status}: stop the container before removing or force remove");

    public static EngineException InvalidSignal(string signal) => new(ErrorClass.InvalidArgument, $"invalid signal: {signal}");

    public static EngineException InvalidFilter(string name, string value) => new(ErrorClass.InvalidArgument, $"invalid filter '{name}=[{value}]'");

    public static EngineException UnknownFilter(string name) => new(ErrorClass.InvalidArgument, $"invalid filter '{name}'");

    /// <summary>A fault of a request that dockerd finds late and answers as one of its own (500).</summary>
    public static EngineException Late(string message) => new(ErrorClass.Internal, message);

    [DoesNotReturn]
    public static void ThrowInvalid(string message) => throw new EngineException(ErrorClass.InvalidArgument, message);
}
