namespace Tare.Runtime.Plan;

/// <summary>What a failing step means to the caller.</summary>
internal enum StepRole
{
    /// <summary>A step of the set-up failed.</summary>
    Setup,

    /// <summary>The command was not found, or may not be executed.</summary>
    Lookup,

    /// <summary>A hook could not be executed (an errno), or ended badly: see <see cref="HookCall"/>.</summary>
    Hook,
}
