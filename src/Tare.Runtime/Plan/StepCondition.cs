namespace Tare.Runtime.Plan;

/// <summary>When a step runs, by the value of a slot: a result of 0 or more, or a negative errno.</summary>
internal enum StepCondition
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>When the slot holds a result.</summary>
    Succeeded,

    /// <summary>When the slot holds an error.</summary>
    Failed,

    /// <summary>When the slot holds ENOTDIR.</summary>
    NotADirectory,
}
