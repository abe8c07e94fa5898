namespace Tare.Linux.Seccomp;

/// <summary>The rules of one architecture by system call number, and their search tree.</summary>
internal sealed class ArchitecturePolicy
{
    // Numbers above are private calls of 32-bit ARM (base 0xf0000).
    private const int Dense = 1024;

    // The builder recurses along the rules of a call.
    private const int MaxConditionalRules = 512;

    private readonly BpfGraph _graph;
    private readonly int _default;
    private readonly int[] _outcomes = new int[Dense];
    private readonly Dictionary<int, List<(SeccompCondition[] Conditions, int Outcome)>> _conditional = [];
    private readonly SortedDictionary<uint, int> _far = [];
    private int _last = -1;

    public ArchitecturePolicy(BpfGraph graph, SeccompArchitecture architecture, int defaultOutcome)
    {
        _graph = graph;
        Architecture = architecture;
        _default = defaultOutcome;
        Array.Fill(_outcomes, -1);
    }

    public SeccompArchitecture Architecture { get; }

    private bool IsNarrow => Architecture is SeccompArchitecture.X86 or SeccompArchitecture.Arm;

    /// <summary>Makes a rule known. The number counts for <see cref="Build"/>'s idea of the youngest call even when the rule is the default.</summary>
    /// <exception cref="ArgumentException">Too many conditional rules for the call.</exception>
    public void Add(int number, SeccompCondition[] conditions, int outcome)
    {
        if (number < Dense)
        {
            _last = Math.Max(_last, number);
        }

        if (outcome == _default)
        {
            return;
        }

        if (number >= Dense)
        {
            _far.TryAdd((uint)number, outcome);
        }
        else if (conditions.Length == 0)
        {
            _outcomes[number] = _outcomes[number] < 0 ? outcome : _outcomes[number];
        }
        else
        {
            if (!_conditional.TryGetValue(number, out List<(SeccompCondition[], int)>? rules))
            {
                _conditional.Add(number, rules = []);
            }

            rules.Add((conditions, outcome));
            if (rules.Count > MaxConditionalRules)
            {
                throw new ArgumentException($"seccomp: more than {MaxConditionalRules} conditional rules for one system call");
            }
        }
    }

    /// <summary>The tree's root; it expects the number in the accumulator.</summary>
    /// <param name="beyond">Outcome of numbers above the highest named one; null takes the default.</param>
    public int Build(int? beyond)
    {
        foreach ((int number, List<(SeccompCondition[] Conditions, int Outcome)> rules) in _conditional)
        {
            if (_outcomes[number] < 0)
            {
                _outcomes[number] = new ConditionBuilder(_graph, IsNarrow, rules, _default).Build();
            }
        }

        List<Segment> segments = Segments(beyond ?? _default);
        return Tree(segments, 0, segments.Count - 1);
    }

    // Ranges of equal outcome. A single number that interrupts a range is an exception inside it: one comparison instead of two bounds.
    private List<Segment> Segments(int beyond)
    {
        List<Segment> segments = [];
        for (int number = 0; number <= _last; number++)
        {
            int outcome = OutcomeOf(number);
            if (segments.Count > 0 && segments[^1].Outcome == outcome)
            {
                continue;
            }

            if (segments.Count > 0 && number < _last && OutcomeOf(number + 1) == segments[^1].Outcome)
            {
                (segments[^1].Exceptions ??= []).Add(((uint)number, outcome));
                continue;
            }

            segments.Add(new Segment((uint)number, outcome));
        }

        if (segments.Count == 0 || segments[^1].Outcome != beyond)
        {
            segments.Add(new Segment((uint)(_last + 1), beyond));
        }

        foreach ((uint number, int outcome) in _far)
        {
            (segments[^1].Exceptions ??= []).Add((number, outcome));
        }

        return segments;
    }

    private int OutcomeOf(int number) => _outcomes[number] < 0 ? _default : _outcomes[number];

    private int Tree(List<Segment> segments, int first, int last)
    {
        if (first == last)
        {
            int node = segments[first].Outcome;
            if (segments[first].Exceptions is { } exceptions)
            {
                for (int i = exceptions.Count - 1; i >= 0; i--)
                {
                    node = _graph.Branch(Bpf.JumpEqual, exceptions[i].Number, exceptions[i].Outcome, node);
                }
            }

            return node;
        }

        int middle = Split(segments, first, last);
        return _graph.Branch(Bpf.JumpGreaterOrEqual, segments[middle].Start, Tree(segments, middle, last), Tree(segments, first, middle - 1));
    }

    // Splitting near round numbers, not by count, gives tables that differ a little (x86-64 and x32) equal subtrees, which exist once.
    private static int Split(List<Segment> segments, int first, int last)
    {
        uint low = segments[first].Start;
        uint high = segments[last].Start;
        int bit = 31 - System.Numerics.BitOperations.LeadingZeroCount(low ^ high);
        uint aim = high >> bit << bit;
        int middle = last;
        while (middle > first + 1 && segments[middle - 1].Start >= aim)
        {
            middle--;
        }

        return middle;
    }

    private sealed class Segment(uint start, int outcome)
    {
        public uint Start { get; } = start;

        public int Outcome { get; } = outcome;

        public List<(uint Number, int Outcome)>? Exceptions { get; set; }
    }
}
