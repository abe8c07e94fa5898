namespace Tare.Runtime.Plan;

/// <summary>What a failing step means to the caller.</summary>
internal enum StepRole
{
    /// <summary>A step of the set-up failed.</summary>
    Setup,

    /// <summary>The command was not found, or may not be executed.</summary>
    Lookup,

    /// <summary>The command was found, and execve refuses it.</summary>
    Execute,

    /// <summary>A file system that others rely on stands at the end of a link, or on a file.</summary>
    Place,

    /// <summary>A hook could not be executed (an errno), or ended badly: see <see cref="HookCall"/>.</summary>
    Hook,
}
