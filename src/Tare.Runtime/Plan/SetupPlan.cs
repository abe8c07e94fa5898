namespace Tare.Runtime.Plan;

/// <summary>
/// A compiled plan: the steps that the parent takes before it clones (opening what the child could not), the namespaces that clone3(2) makes,
/// and the steps that the child takes until it executes the process. Disposing frees the memory; no step may run afterwards.
/// </summary>
internal sealed unsafe class SetupPlan : IDisposable
{
    private readonly PlanMemory _memory;
    private readonly IReadOnlyList<Slot> _slots;

    /// <summary>Takes over what the compiler made.</summary>
    public SetupPlan(PlanMemory memory, IReadOnlyList<Slot> slots, PlanBuilder parent, PlanBuilder child, ulong cloneFlags, Slot? parentPidNamespace)
    {
        _memory = memory;
        _slots = slots;
        CloneFlags = cloneFlags;
        ParentInfos = parent.Infos;
        ChildInfos = child.Infos;
        ParentSteps = Copy(parent.Steps);
        ChildSteps = Copy(child.Steps);
        PidNamespace = parentPidNamespace;
        Slots = (long*)memory.Allocate(Math.Max(1, slots.Count) * sizeof(long));
        for (int i = 0; i < slots.Count; i++)
        {
            Slots[i] = -(int)Linux.Errno.ENOENT;
        }
    }

    /// <summary>CLONE_NEW… flags of the clone (clone(2)).</summary>
    public ulong CloneFlags { get; }

    /// <summary>What a person reads of the parent's steps.</summary>
    public IReadOnlyList<StepInfo> ParentInfos { get; }

    /// <summary>What a person reads of the child's steps.</summary>
    public IReadOnlyList<StepInfo> ChildInfos { get; }

    /// <summary>The parent's steps, as many as <see cref="ParentInfos"/>.</summary>
    public PlanStep* ParentSteps { get; }

    /// <summary>The child's steps, as many as <see cref="ChildInfos"/>.</summary>
    public PlanStep* ChildSteps { get; }

    /// <summary>The slots' values.</summary>
    public long* Slots { get; }

    /// <summary>How many slots there are.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>The slot with the pid namespace that the child is born into; null for a new one or the parent's own.</summary>
    public Slot? PidNamespace { get; }

    /// <summary>Descriptor of the file that takes what the child's hooks print; negative without hooks.</summary>
    public int HookOutput { get; init; } = -1;

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private PlanStep* Copy(IReadOnlyList<PlanStep> steps)
    {
        PlanStep* memory = (PlanStep*)_memory.Allocate(Math.Max(1, steps.Count) * sizeof(PlanStep));
        for (int i = 0; i < steps.Count; i++)
        {
            memory[i] = steps[i];
        }

        return memory;
    }
}
