namespace Tare.Linux.Seccomp;

/// <summary>
/// Turns the conditional rules of one system call into graph nodes. 64-bit arguments are compared in two 32-bit halves; what an earlier
/// test has already loaded or decided is not tested again.
/// </summary>
internal sealed class ConditionBuilder
{
    private const uint None = uint.MaxValue;

    private readonly BpfGraph _graph;
    private readonly bool _narrow;
    private readonly List<(SeccompCondition[] Conditions, int Outcome)> _rules;
    private readonly int _otherwise;
    private readonly Dictionary<(int Rule, int Condition, Known Known), int> _built = [];

    /// <param name="graph">Receives the nodes.</param>
    /// <param name="narrow">Arguments have 32 bits: the upper halves are 0.</param>
    /// <param name="rules">Conditions that must all hold, and the node to go to then; the first that matches counts.</param>
    /// <param name="otherwise">The node for a call that matches none.</param>
    public ConditionBuilder(BpfGraph graph, bool narrow, List<(SeccompCondition[] Conditions, int Outcome)> rules, int otherwise)
    {
        _graph = graph;
        _narrow = narrow;
        _rules = rules;
        _otherwise = otherwise;
    }

    private delegate int Continuation(Known known);

    /// <summary>The entry node; it assumes nothing about the accumulator.</summary>
    public int Build() => Rule(0, 0, new Known(None, None, false, 0));

    private int Rule(int rule, int condition, Known known)
    {
        if (rule == _rules.Count)
        {
            return _otherwise;
        }

        if (condition == _rules[rule].Conditions.Length)
        {
            return _rules[rule].Outcome;
        }

        if (!_built.TryGetValue((rule, condition, known), out int node))
        {
            node = Condition(_rules[rule].Conditions[condition], known, k => Rule(rule, condition + 1, k), k => Rule(rule + 1, 0, k));
            _built.Add((rule, condition, known), node);
        }

        return node;
    }

    private int Condition(SeccompCondition c, Known known, Continuation yes, Continuation no)
    {
        ulong value = _narrow ? (uint)c.Value : c.Value;
        return c.Operator switch
        {
            SeccompOperator.Equal => Equal(c.Index, value, known, yes, no),
            SeccompOperator.NotEqual => Equal(c.Index, value, known, no, yes),
            SeccompOperator.GreaterThan => Greater(c.Index, Bpf.JumpGreater, value, known, yes, no),
            SeccompOperator.GreaterOrEqual => Greater(c.Index, Bpf.JumpGreaterOrEqual, value, known, yes, no),
            SeccompOperator.LessOrEqual => Greater(c.Index, Bpf.JumpGreater, value, known, no, yes),
            SeccompOperator.LessThan => Greater(c.Index, Bpf.JumpGreaterOrEqual, value, known, no, yes),
            SeccompOperator.MaskedEqual => MaskedEqual(c.Index, value, _narrow ? (uint)c.SecondValue : c.SecondValue, known, yes, no),
            _ => throw new ArgumentOutOfRangeException(nameof(c), c.Operator, "unknown seccomp operator"),
        };
    }

    private int Equal(int index, ulong value, Known known, Continuation yes, Continuation no) =>
        Test(Bpf.ArgumentOffset(index, 1), Bpf.JumpEqual, (uint)(value >> 32), known, k => Test(Bpf.ArgumentOffset(index, 0), Bpf.JumpEqual, (uint)value, k, yes, no), no);

    private int Greater(int index, ushort lowerComparison, ulong value, Known known, Continuation yes, Continuation no)
    {
        uint upper = (uint)(value >> 32);
        uint offset = Bpf.ArgumentOffset(index, 1);
        return Test(offset, Bpf.JumpGreater, upper, known, yes, k1 => Test(offset, Bpf.JumpEqual, upper, k1, k2 => Test(Bpf.ArgumentOffset(index, 0), lowerComparison, (uint)value, k2, yes, no), no));
    }

    private int MaskedEqual(int index, ulong mask, ulong value, Known known, Continuation yes, Continuation no) =>
        MaskedTest(Bpf.ArgumentOffset(index, 1), (uint)(mask >> 32), (uint)(value >> 32), known, k => MaskedTest(Bpf.ArgumentOffset(index, 0), (uint)mask, (uint)value, k, yes, no), no);

    private int MaskedTest(uint offset, uint mask, uint value, Known known, Continuation yes, Continuation no)
    {
        if (Constant(offset, known) is { } constant)
        {
            return (constant & mask) == value ? yes(known) : no(known);
        }

        if ((value & ~mask) != 0)
        {
            return no(known);
        }

        if (mask == 0)
        {
            return yes(known);
        }

        if (mask == uint.MaxValue)
        {
            return Test(offset, Bpf.JumpEqual, value, known, yes, no);
        }

        if (value == 0)
        {
            return Test(offset, Bpf.JumpSet, mask, known, no, yes);
        }

        Known spoiled = known with { Accumulator = None };
        int masked = _graph.And(mask, _graph.Branch(Bpf.JumpEqual, value, yes(spoiled), no(spoiled)));
        return known.Accumulator == offset ? masked : _graph.Load(offset, masked);
    }

    private int Test(uint offset, ushort comparison, uint constant, Known known, Continuation yes, Continuation no)
    {
        bool? decided = Constant(offset, known) is { } value ? Holds(value, comparison, constant)
            : comparison == Bpf.JumpEqual && known.FactOffset == offset && known.FactValue == constant ? false
            : comparison == Bpf.JumpGreater && constant == uint.MaxValue ? false
            : comparison == Bpf.JumpGreaterOrEqual && constant == 0 ? true
            : null;
        if (decided is { } known2)
        {
            return known2 ? yes(known) : no(known);
        }

        Known loaded = known with { Accumulator = offset };
        bool memorable = comparison == Bpf.JumpEqual && (offset & 4) != 0;
        Known whenTrue = memorable ? new Known(offset, offset, true, constant) : loaded;
        Known whenFalse = memorable ? new Known(offset, offset, false, constant) : loaded;
        int branch = _graph.Branch(comparison, constant, yes(whenTrue), no(whenFalse));
        return known.Accumulator == offset ? branch : _graph.Load(offset, branch);
    }

    private uint? Constant(uint offset, Known known) =>
        known.FactOffset == offset && known.FactIsEqual ? known.FactValue
        : _narrow && (offset & 4) != 0 ? 0
        : null;

    private static bool Holds(uint value, ushort comparison, uint constant) => comparison switch
    {
        Bpf.JumpEqual => value == constant,
        Bpf.JumpGreater => value > constant,
        Bpf.JumpGreaterOrEqual => value >= constant,
        _ => (value & constant) != 0,
    };

    /// <summary>What is known at a point of the filter: the loaded word, and the last comparison of an upper half for equality.</summary>
    private readonly record struct Known(uint Accumulator, uint FactOffset, bool FactIsEqual, uint FactValue);
}
