namespace Tare.Runtime.Plan;

/// <summary>What a person reads of a step.</summary>
/// <param name="Call">The system call, or what the step does: <c>move_mount</c>.</param>
/// <param name="Subject">What it works on: <c>"proc" at "/proc"</c>; empty where there is nothing to say.</param>
/// <param name="Detail">Arguments in words, conditions, results.</param>
/// <param name="Role">What its failure means.</param>
internal readonly record struct StepInfo(string Call, string Subject, string Detail, StepRole Role);
