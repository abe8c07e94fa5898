using Tare.Linux;

namespace Tare.Runtime.Plan;

/// <summary>Collects the steps of one stage and what a person reads of them. The stages of a plan share memory and slots.</summary>
internal sealed unsafe class PlanBuilder(PlanMemory memory, List<Slot> slots)
{
    private readonly List<PlanStep> _steps = [];
    private readonly List<StepInfo> _infos = [];
    private (Slot Slot, StepCondition Condition)? _scope;

    /// <summary>The plan's memory.</summary>
    public PlanMemory Memory { get; } = memory;

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>What a person reads, index by index with <see cref="Steps"/>.</summary>
    public IReadOnlyList<StepInfo> Infos => _infos;

    /// <summary>A new place for a result.</summary>
    public Slot NewSlot(string name)
    {
        Slot slot = new(slots.Count, name);
        slots.Add(slot);
        return slot;
    }

    /// <summary>All steps that <paramref name="steps"/> adds run only when the slot fulfils the condition.</summary>
    public void When(Slot slot, StepCondition condition, Action steps)
    {
        (Slot, StepCondition)? outer = _scope;
        _scope = (slot, condition);
        steps();
        _scope = outer;
    }

    /// <summary>Adds a system call.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="number">Its number.</param>
    /// <param name="subject">What it works on, for messages.</param>
    /// <param name="arguments">Up to six arguments.</param>
    public StepHandle Call(string name, int number, string subject, params ReadOnlySpan<Arg> arguments)
        => Add(StepKind.SystemCall, number, name, subject, arguments);

    /// <summary>Adds a step that is no system call.</summary>
    public StepHandle Add(StepKind kind, string name, string subject, params ReadOnlySpan<Arg> arguments)
        => Add(kind, 0, name, subject, arguments);

    private StepHandle Add(StepKind kind, int number, string name, string subject, ReadOnlySpan<Arg> arguments)
    {
        PlanStep step = new() { Kind = kind, Number = number, ResultSlot = -1 };
        for (int i = 0; i < arguments.Length; i++)
        {
            step.Arguments[i] = arguments[i].Value;
            step.SlotMask |= arguments[i].IsSlot ? 1 << i : 0;
        }

        if (_scope is { } scope)
        {
            step.Guard = scope.Condition;
            step.GuardSlot = scope.Slot.Number;
        }

        _steps.Add(step);
        _infos.Add(new StepInfo(name, subject, _scope is { } guard ? Describe(guard.Condition, guard.Slot) : "", StepRole.Setup));
        return new StepHandle(this, _steps.Count - 1);
    }

    private static string Describe(StepCondition condition, Slot slot) => condition switch
    {
        StepCondition.Succeeded => $"if {slot.Name} is there",
        StepCondition.Failed => $"if {slot.Name} is missing",
        StepCondition.NotADirectory => $"if {slot.Name} is a file",
        _ => "",
    };

    private static string Join(string first, string second) => first.Length == 0 ? second : second.Length == 0 ? first : $"{first}, {second}";

    /// <summary>Says more about the step that was just added.</summary>
    internal readonly struct StepHandle(PlanBuilder builder, int index)
    {
        /// <summary>Keeps the result, or the errno, in a slot.</summary>
        public StepHandle Into(Slot slot)
        {
            PlanStep step = builder._steps[index];
            step.ResultSlot = slot.Number;
            builder._steps[index] = step;
            return Detail($"-> {slot.Name}");
        }

        /// <summary>Runs the step only when the slot fulfils the condition.</summary>
        public StepHandle When(Slot slot, StepCondition condition)
        {
            PlanStep step = builder._steps[index];
            step.Condition = condition;
            step.ConditionSlot = slot.Number;
            builder._steps[index] = step;
            return Detail(Describe(condition, slot));
        }

        /// <summary>Takes these errors for success.</summary>
        public StepHandle Ignoring(Errno errno, Errno other = Errno.None)
        {
            PlanStep step = builder._steps[index];
            step.Ignored = (int)errno;
            step.AlsoIgnored = (int)other;
            builder._steps[index] = step;
            return Detail(other == Errno.None ? $"{errno} is fine" : $"{errno} or {other} is fine");
        }

        /// <summary>Goes on after any failure; the slot tells of it.</summary>
        public StepHandle Tolerant()
        {
            PlanStep step = builder._steps[index];
            step.Tolerant = 1;
            builder._steps[index] = step;
            return Detail("may fail");
        }

        /// <summary>Names what a failure means.</summary>
        public StepHandle As(StepRole role)
        {
            builder._infos[index] = builder._infos[index] with { Role = role };
            return this;
        }

        /// <summary>Adds words to the printed plan.</summary>
        public StepHandle Detail(string words)
        {
            StepInfo info = builder._infos[index];
            builder._infos[index] = info with { Detail = Join(info.Detail, words) };
            return this;
        }
    }
}
