using Tare.Linux.Seccomp;

namespace Tare.UnitTests.Linux.Seccomp;

/// <summary>Decides calls of one architecture straight from the policy, rule by rule: what every compiled filter is compared with.</summary>
internal sealed class NaivePolicy
{
    private const uint NoSuchCall = 0x00050026;

    private readonly List<(int Number, IReadOnlyList<SeccompCondition> Conditions, uint Value)> _rules = [];
    private readonly ILookup<int, (int Number, IReadOnlyList<SeccompCondition> Conditions, uint Value)> _byNumber;
    private readonly uint _default;
    private readonly bool _narrow;
    private readonly int _last = -1;
    private readonly bool _stub;

    public NaivePolicy(SeccompFilterSpec spec, SeccompArchitecture architecture)
    {
        _default = Value(spec.DefaultAction, spec.DefaultData);
        _narrow = architecture is SeccompArchitecture.X86 or SeccompArchitecture.Arm;
        _stub = spec.DefaultAction is not (SeccompAction.Allow or SeccompAction.Log or SeccompAction.Trace) && _default != NoSuchCall;
        foreach ((SeccompRule rule, string name) in spec.Rules.SelectMany(r => r.Names.Select(n => (r, n))))
        {
            Add(SyscallTable.NumberOf(name, architecture), rule.Conditions, Value(rule.Action, rule.Data));
            if (architecture == SeccompArchitecture.X86 && SyscallTable.MultiplexerOf(name) is (string carrier, uint operation))
            {
                Add(SyscallTable.NumberOf(carrier, architecture), [new SeccompCondition(0, SeccompOperator.Equal, operation)], Value(rule.Action, rule.Data));
            }
        }

        _last = _rules.Where(r => r.Number < 1024).Max(r => (int?)r.Number) ?? -1;
        _byNumber = _rules.Where(r => r.Value != _default).ToLookup(r => r.Number);
    }

    public uint Decide(uint number, ulong[] arguments)
    {
        uint? conditional = null;
        foreach ((_, IReadOnlyList<SeccompCondition> conditions, uint value) in _byNumber[(int)number])
        {
            if (conditions.Count == 0)
            {
                return value;
            }

            if (conditional is null && Holds(conditions, arguments))
            {
                conditional = value;
            }
        }

        return conditional ?? (_stub && number > _last ? NoSuchCall : _default);
    }

    private static uint Value(SeccompAction action, ushort data) =>
        (uint)action | (action is SeccompAction.Errno or SeccompAction.Trace or SeccompAction.Trap ? data : 0u);

    private void Add(int number, IReadOnlyList<SeccompCondition> conditions, uint value)
    {
        if (number >= 0)
        {
            _rules.Add((number, conditions, value));
        }
    }

    private bool Holds(IReadOnlyList<SeccompCondition> conditions, ulong[] arguments)
    {
        bool repeated = conditions.Select(c => c.Index).Distinct().Count() != conditions.Count;
        return repeated ? conditions.Any(One) : conditions.All(One);

        bool One(SeccompCondition c)
        {
            ulong value = _narrow ? (uint)c.Value : c.Value;
            ulong second = _narrow ? (uint)c.SecondValue : c.SecondValue;
            ulong argument = _narrow ? (uint)arguments[c.Index] : arguments[c.Index];
            return c.Operator switch
            {
                SeccompOperator.Equal => argument == value,
                SeccompOperator.NotEqual => argument != value,
                SeccompOperator.LessThan => argument < value,
                SeccompOperator.LessOrEqual => argument <= value,
                SeccompOperator.GreaterThan => argument > value,
                SeccompOperator.GreaterOrEqual => argument >= value,
                _ => (argument & value) == second,
            };
        }
    }
}
