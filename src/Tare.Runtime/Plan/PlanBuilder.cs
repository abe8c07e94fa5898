using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tare.Linux;

namespace Tare.Runtime.Plan;

/// <summary>Collects the steps of one stage and what a person reads of them. The stages of a plan share memory and slots.</summary>
/// <param name="memory">The plan's memory.</param>
/// <param name="slots">The plan's slots.</param>
/// <param name="usualSteps">About how many steps there will be.</param>
/// <param name="explain">Keeps the words that only a printed plan shows; making them costs a start more than the steps do.</param>
internal sealed unsafe class PlanBuilder(PlanMemory memory, List<Slot> slots, int usualSteps, bool explain)
{
    /// <summary>What the parent of a container takes on a host with cgroup v1.</summary>
    public const int UsualOfParent = 24;

    /// <summary>What the child of a container as Docker configures it takes.</summary>
    public const int UsualOfChild = 380;

    private readonly List<PlanStep> _steps = new(usualSteps);
    private readonly List<StepInfo> _infos = new(usualSteps);
    private (Slot Slot, StepCondition Condition)? _scope;

    /// <summary>The plan's memory.</summary>
    public PlanMemory Memory { get; } = memory;

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>What a person reads, index by index with <see cref="Steps"/>.</summary>
    public IReadOnlyList<StepInfo> Infos => _infos;

    private bool Explains { get; } = explain;

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
        CollectionsMarshal.SetCount(_steps, _steps.Count + 1);
        ref PlanStep step = ref CollectionsMarshal.AsSpan(_steps)[^1];
        step = new PlanStep { Kind = kind, Number = number, ResultSlot = -1 };
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

        _infos.Add(new StepInfo(name, subject, Explains && _scope is { } guard ? Describe(guard.Condition, guard.Slot) : "", StepRole.Setup));
        return new StepHandle(this, _steps.Count - 1);
    }

    private ref PlanStep Step(int index) => ref CollectionsMarshal.AsSpan(_steps)[index];

    private static string Describe(StepCondition condition, Slot slot) => condition switch
    {
        StepCondition.Succeeded => $"if {slot.Name} is there",
        StepCondition.Failed => $"if {slot.Name} is missing",
        StepCondition.NotADirectory => $"if {slot.Name} is a file",
        _ => "",
    };

    private static string Join(string first, string second) => first.Length == 0 ? second : second.Length == 0 ? first : $"{first}, {second}";

    /// <summary>The words of a detail, put together only for a plan that is printed.</summary>
    [InterpolatedStringHandler]
    internal ref struct DetailText
    {
        private DefaultInterpolatedStringHandler _text;

        /// <summary>Called by the compiler; see <see cref="InterpolatedStringHandlerAttribute"/>.</summary>
        public DetailText(int literalLength, int formattedCount, StepHandle step, out bool wanted)
        {
            wanted = step.Explains;
            _text = wanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
        }

        /// <summary>Called by the compiler.</summary>
        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        /// <summary>Called by the compiler.</summary>
        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        /// <summary>The words.</summary>
        public string Take() => _text.ToStringAndClear();
    }

    /// <summary>Says more about the step that was just added.</summary>
    internal readonly struct StepHandle(PlanBuilder builder, int index)
    {
        /// <summary>Keeps the result, or the errno, in a slot.</summary>
        public StepHandle Into(Slot slot)
        {
            ref PlanStep step = ref builder.Step(index);
            step.ResultSlot = slot.Number;
            return Detail($"-> {slot.Name}");
        }

        /// <summary>Runs the step only when the slot fulfils the condition.</summary>
        public StepHandle When(Slot slot, StepCondition condition)
        {
            ref PlanStep step = ref builder.Step(index);
            step.Condition = condition;
            step.ConditionSlot = slot.Number;
            return builder.Explains ? Detail(Describe(condition, slot)) : this;
        }

        /// <summary>Takes these errors for success.</summary>
        public StepHandle Ignoring(Errno errno, Errno other = Errno.None)
        {
            ref PlanStep step = ref builder.Step(index);
            step.Ignored = (int)errno;
            step.AlsoIgnored = (int)other;
            return !builder.Explains ? this : Detail(other == Errno.None ? $"{errno} is fine" : $"{errno} or {other} is fine");
        }

        /// <summary>Goes on after any failure; the slot tells of it.</summary>
        public StepHandle Tolerant()
        {
            ref PlanStep step = ref builder.Step(index);
            step.Tolerant = 1;
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
            if (builder.Explains)
            {
                StepInfo info = builder._infos[index];
                builder._infos[index] = info with { Detail = Join(info.Detail, words) };
            }

            return this;
        }

        /// <summary>Adds words to the printed plan; what stands in them is not even looked at when nobody prints it.</summary>
        public StepHandle Detail([InterpolatedStringHandlerArgument("")] ref DetailText words) => builder.Explains ? Detail(words.Take()) : this;

        /// <summary>Whether the words of details are wanted.</summary>
        internal bool Explains => builder.Explains;
    }
}
