using System.Runtime.InteropServices;

namespace Tare.Runtime.Plan;

/// <summary>
/// One step as the child reads it: blittable, in unmanaged memory. Arguments are numbers, addresses of memory that the plan owns, or slots:
/// places for what earlier steps returned, mostly descriptors.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PlanStep
{
    /// <summary>What to do.</summary>
    public StepKind Kind;

    /// <summary>Number of the system call.</summary>
    public int Number;

    /// <summary>The arguments.</summary>
    public fixed long Arguments[6];

    /// <summary>Bit i is set where argument i names a slot.</summary>
    public int SlotMask;

    /// <summary>The slot that receives the result, or the negative errno; -1 for none.</summary>
    public int ResultSlot;

    /// <summary>First condition and its slot.</summary>
    public StepCondition Condition;

    /// <summary>The slot that <see cref="Condition"/> looks at.</summary>
    public int ConditionSlot;

    /// <summary>Second condition; both must hold.</summary>
    public StepCondition Guard;

    /// <summary>The slot that <see cref="Guard"/> looks at.</summary>
    public int GuardSlot;

    /// <summary>An errno that counts as success; 0 for none.</summary>
    public int Ignored;

    /// <summary>Another errno that counts as success; 0 for none.</summary>
    public int AlsoIgnored;

    /// <summary>Not 0: a failure is only put into the result slot.</summary>
    public int Tolerant;
}
