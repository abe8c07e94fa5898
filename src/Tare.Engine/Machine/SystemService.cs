namespace Tare.Engine.Machine;

/// <summary>The machine and this daemon.</summary>
public sealed partial class SystemService
{
    private readonly Errors.EngineException _pending = new(Errors.ErrorClass.NotImplemented, "not yet");

    /// <summary>Collects what <c>info</c> shows.</summary>
    public SystemInformation Information() => throw _pending;
}
