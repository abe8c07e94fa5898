namespace Tare.Linux.Seccomp;

/// <summary>
/// Compiles a policy to classic BPF. The kernel checks and translates every instruction when a filter is loaded (about 2 µs each), so the
/// program is kept short: per architecture a binary tree over ranges of numbers in which equal parts are shared, not a list of comparisons.
/// Only instructions that the kernel can evaluate beforehand stand on the way to an unconditional decision (no shifts, no index register:
/// <c>seccomp_is_const_allow</c>, kernel 5.11), so that allowed calls are answered from its bitmap and never run the filter.
/// </summary>
public static class SeccompCompiler
{
    private const uint AuditX8664 = 0xC000003E;
    private const uint AuditI386 = 0x40000003;
    private const uint AuditAarch64 = 0xC00000B7;
    private const uint AuditArm = 0x40000028;
    private const ushort NoSuchCall = 38;

    /// <summary>Compiles for the machine that this process runs on.</summary>
    /// <exception cref="ArgumentException">The program would be longer than the kernel takes, or an argument's index is above 5.</exception>
    public static SockFilter[] Compile(SeccompFilterSpec spec) => Compile(spec, SyscallTable.Native);

    /// <summary>Compiles for a machine whose native architecture is given.</summary>
    /// <exception cref="ArgumentException">The program would be longer than the kernel takes, or an argument's index is above 5.</exception>
    public static SockFilter[] Compile(SeccompFilterSpec spec, SeccompArchitecture native)
    {
        ArgumentNullException.ThrowIfNull(spec);
        BpfGraph graph = new();
        int otherwise = graph.Return((uint)spec.DefaultAction | DataOf(spec.DefaultAction, spec.DefaultData));
        List<ArchitecturePolicy> policies = [];
        foreach (SeccompArchitecture architecture in Enum.GetValues<SeccompArchitecture>())
        {
            if (architecture == native || (spec.Architectures.Contains(architecture) && IsSubordinate(architecture, native)))
            {
                policies.Add(new ArchitecturePolicy(graph, architecture, otherwise));
            }
        }

        foreach (SeccompRule rule in spec.Rules)
        {
            AddRule(graph, policies, rule);
        }

        bool stub = spec.UnknownCallsAreMissing
            && spec.DefaultAction is not (SeccompAction.Allow or SeccompAction.Log or SeccompAction.Trace)
            && !(spec.DefaultAction == SeccompAction.Errno && spec.DefaultData == NoSuchCall);
        int? missing = stub ? graph.Return((uint)SeccompAction.Errno | NoSuchCall) : null;
        return graph.Assemble(Dispatch(graph, policies, missing));
    }

    private static bool IsSubordinate(SeccompArchitecture architecture, SeccompArchitecture native) => native switch
    {
        SeccompArchitecture.X8664 => architecture is SeccompArchitecture.X86 or SeccompArchitecture.X32,
        SeccompArchitecture.Aarch64 => architecture is SeccompArchitecture.Arm,
        _ => false,
    };

    private static uint DataOf(SeccompAction action, ushort data) =>
        action is SeccompAction.Errno or SeccompAction.Trace or SeccompAction.Trap ? data : 0u;

    private static void AddRule(BpfGraph graph, List<ArchitecturePolicy> policies, SeccompRule rule)
    {
        int outcome = graph.Return((uint)rule.Action | DataOf(rule.Action, rule.Data));
        List<SeccompCondition[]> alternatives = Alternatives(rule.Conditions);
        foreach (string name in rule.Names)
        {
            foreach (ArchitecturePolicy policy in policies)
            {
                int number = SyscallTable.NumberOf(name, policy.Architecture);
                foreach (SeccompCondition[] conditions in alternatives)
                {
                    if (number >= 0)
                    {
                        policy.Add(number, conditions, outcome);
                    }
                }

                if (policy.Architecture == SeccompArchitecture.X86 && SyscallTable.MultiplexerOf(name) is (string carrier, uint operation))
                {
                    // The carried call's arguments lie in memory, out of a filter's sight: its conditions cannot be kept.
                    policy.Add(SyscallTable.NumberOf(carrier, policy.Architecture), [new SeccompCondition(0, SeccompOperator.Equal, operation)], outcome);
                }
            }
        }
    }

    private static List<SeccompCondition[]> Alternatives(IReadOnlyList<SeccompCondition> conditions)
    {
        HashSet<int> seen = [];
        bool repeated = false;
        foreach (SeccompCondition condition in conditions)
        {
            if (condition.Index is < 0 or > 5)
            {
                throw new ArgumentException($"seccomp condition on argument {condition.Index}: a system call has arguments 0 to 5");
            }

            repeated |= !seen.Add(condition.Index);
        }

        return repeated ? [.. conditions.Select(c => new[] { c })] : [[.. conditions]];
    }

    private static int Dispatch(BpfGraph graph, List<ArchitecturePolicy> policies, int? missing)
    {
        int foreign = graph.Return((uint)SeccompAction.KillThread);
        int Tree(SeccompArchitecture a) => policies.Find(p => p.Architecture == a)?.Build(missing) ?? -1;
        int wide = Tree(SeccompArchitecture.X8664);
        int x32 = Tree(SeccompArchitecture.X32);
        if (wide >= 0)
        {
            // Without a stub there is no bound below x32's numbers that would keep them from the native ranges.
            int marked = x32 >= 0 ? graph.And(~SyscallTable.X32Bit, x32) : missing ?? foreign;
            wide = graph.Branch(Bpf.JumpGreaterOrEqual, SyscallTable.X32Bit, marked, wide);
        }

        int root = foreign;
        foreach ((uint audit, int tree) in ((uint, int)[])
            [
                (AuditArm, Tree(SeccompArchitecture.Arm)), (AuditI386, Tree(SeccompArchitecture.X86)),
                (AuditAarch64, Tree(SeccompArchitecture.Aarch64)), (AuditX8664, wide),
            ])
        {
            root = tree < 0 ? root : graph.Branch(Bpf.JumpEqual, audit, graph.Load(Bpf.NumberOffset, tree), root);
        }

        return graph.Load(Bpf.ArchitectureOffset, root);
    }
}
