using CsCheck;
using Tare.Linux.Seccomp;

namespace Tare.UnitTests.Linux.Seccomp;

public sealed class SeccompCompilerTests
{
    private static readonly (SeccompArchitecture Architecture, uint Audit, uint Mark)[] s_x86 =
    [
        (SeccompArchitecture.X8664, 0xC000003E, 0), (SeccompArchitecture.X86, 0x40000003, 0), (SeccompArchitecture.X32, 0xC000003E, 0x40000000),
    ];

    private static readonly (SeccompArchitecture Architecture, uint Audit, uint Mark)[] s_arm =
    [
        (SeccompArchitecture.Aarch64, 0xC00000B7, 0), (SeccompArchitecture.Arm, 0x40000028, 0),
    ];

    private static readonly ulong[][] s_arguments =
    [
        [0, 0, 0, 0, 0, 0],
        [8, 1, 1, 1, 1, 1],
        [40, 0, 0, 0, 0, 0],
        [0x20000, 0, 0, 0, 0, 0],
        [0x20008, 0, 0, 0, 0, 0],
        [0xffffffff, 0, 0, 0, 0, 0],
        [0x1_00000008, 0, 0, 0, 0, 0],
        [0x10000000, 0x10000000, 0, 0, 0, 0],
        [ulong.MaxValue, ulong.MaxValue, 0, 0, 0, 0],
    ];

    public static TheoryData<string> Variants => [.. CapturedDockerProfile.Names];

    [Theory]
    [MemberData(nameof(Variants))]
    public void DockersProfileDecidesEveryCallAsTheRulesSay(string variant)
    {
        SeccompFilterSpec spec = CapturedDockerProfile.Load(variant).Spec;
        AssertDecisions(spec, SeccompCompiler.Compile(spec, SeccompArchitecture.X8664), s_x86, s_arguments);
    }

    [Fact]
    public void ArmTablesDecideEveryCallAsTheRulesSay()
    {
        SeccompFilterSpec spec = CapturedDockerProfile.Load("default").Spec;
        spec = new SeccompFilterSpec
        {
            DefaultAction = SeccompAction.KillProcess,
            Architectures = [SeccompArchitecture.Arm],
            Rules = [.. spec.Rules, new SeccompRule { Names = ["cacheflush", "set_tls"], Action = SeccompAction.Allow }],
        };
        SockFilter[] program = SeccompCompiler.Compile(spec, SeccompArchitecture.Aarch64);
        AssertDecisions(spec, program, s_arm, s_arguments);
        Assert.Equal((uint)SeccompAction.Allow, BpfInterpreter.Run(program, 0x40000028, 983042, s_arguments[0]));
        Assert.Equal(0x00050026u, BpfInterpreter.Run(program, 0x40000028, 983041, s_arguments[0]));
    }

    [Fact]
    public void DockersProfileIsShort()
    {
        SockFilter[] program = SeccompCompiler.Compile(CapturedDockerProfile.Load("default").Spec, SeccompArchitecture.X8664);
        TestContext.Current.TestOutputHelper?.WriteLine($"{program.Length} instructions");
        Assert.InRange(program.Length, 100, 240);
    }

    [Fact]
    public void ForeignArchitectureIsKilled()
    {
        SockFilter[] program = SeccompCompiler.Compile(CapturedDockerProfile.Load("default").Spec, SeccompArchitecture.X8664);
        Assert.Equal((uint)SeccompAction.KillThread, BpfInterpreter.Run(program, 0xC00000B7, 0, s_arguments[0]));
    }

    [Fact]
    public void NativeArchitectureAloneRefusesTheOthers()
    {
        SeccompFilterSpec spec = new() { DefaultAction = SeccompAction.Allow, Rules = [new SeccompRule { Names = ["ptrace"], Action = SeccompAction.Errno, Data = 1 }] };
        SockFilter[] program = SeccompCompiler.Compile(spec, SeccompArchitecture.X8664);
        Assert.Equal(0x00050001u, BpfInterpreter.Run(program, 0xC000003E, 101, s_arguments[0]));
        Assert.Equal((uint)SeccompAction.Allow, BpfInterpreter.Run(program, 0xC000003E, 4000, s_arguments[0]));
        Assert.Equal((uint)SeccompAction.KillThread, BpfInterpreter.Run(program, 0xC000003E, 0x40000001, s_arguments[0]));
        Assert.Equal((uint)SeccompAction.KillThread, BpfInterpreter.Run(program, 0x40000003, 1, s_arguments[0]));
    }

    [Fact]
    public void CallsBeyondTheProfileAreMissingUnlessTheDefaultLetsThemPass()
    {
        SeccompRule[] rules = [new SeccompRule { Names = ["read", "write"], Action = SeccompAction.Allow }];
        SockFilter[] strict = SeccompCompiler.Compile(new SeccompFilterSpec { DefaultAction = SeccompAction.KillProcess, Rules = rules }, SeccompArchitecture.X8664);
        Assert.Equal(0x00050026u, BpfInterpreter.Run(strict, 0xC000003E, 2, s_arguments[0]));
        Assert.Equal(0x00050026u, BpfInterpreter.Run(strict, 0xC000003E, 0x40000000, s_arguments[0]));
        SockFilter[] loud = SeccompCompiler.Compile(new SeccompFilterSpec { DefaultAction = SeccompAction.Log, Rules = rules }, SeccompArchitecture.X8664);
        Assert.Equal((uint)SeccompAction.Log, BpfInterpreter.Run(loud, 0xC000003E, 2, s_arguments[0]));
    }

    [Fact]
    public void MultiplexedSocketCallsOf32BitX86FollowTheRule()
    {
        SeccompFilterSpec spec = new()
        {
            DefaultAction = SeccompAction.Allow,
            Architectures = [SeccompArchitecture.X86],
            Rules = [new SeccompRule { Names = ["connect"], Action = SeccompAction.Errno, Data = 13 }],
        };
        SockFilter[] program = SeccompCompiler.Compile(spec, SeccompArchitecture.X8664);
        Assert.Equal(0x0005000du, BpfInterpreter.Run(program, 0x40000003, 102, [3, 0, 0, 0, 0, 0]));
        Assert.Equal((uint)SeccompAction.Allow, BpfInterpreter.Run(program, 0x40000003, 102, [2, 0, 0, 0, 0, 0]));
        Assert.Equal(0x0005000du, BpfInterpreter.Run(program, 0x40000003, 362, s_arguments[0]));
    }

    [Fact]
    public void RandomPoliciesDecideAsTheRulesSay()
    {
        string[] names = ["read", "write", "open", "clone", "socket", "connect", "ioctl", "prctl", "personality", "semget", "mseal", "execve", "fstatat64"];
        ulong[] interesting = [0, 1, 5, 0xffffffff, 0x1_00000000, 0x1_00000005, 0xffffffff_00000000, ulong.MaxValue, 0x80000000, 0x7E020000];
        Gen<ulong> value = Gen.OneOf(Pick(interesting), Gen.ULong);
        Gen<SeccompCondition> condition = Gen.Select(Gen.Int[0, 2], Gen.Enum<SeccompOperator>(), value, value, (i, o, v, w) => new SeccompCondition(i, o, v, w));
        Gen<SeccompRule> rule = Gen.Select(
            Pick(names).Array[1, 4],
            Pick(SeccompAction.Allow, SeccompAction.Errno, SeccompAction.KillProcess, SeccompAction.Trap, SeccompAction.Notify),
            Gen.UShort[1, 4],
            condition.Array[0, 3],
            (n, a, d, c) => new SeccompRule { Names = n, Action = a, Data = d, Conditions = c });
        Gen.Select(rule.Array[0, 8], Pick(SeccompAction.Allow, SeccompAction.Errno, SeccompAction.KillThread), value.Array[6].Array[6])
            .Sample(
                (rules, action, arguments) =>
                {
                    SeccompFilterSpec spec = new()
                    {
                        DefaultAction = action,
                        DefaultData = 1,
                        Architectures = [SeccompArchitecture.X86, SeccompArchitecture.X32],
                        Rules = rules,
                    };
                    AssertDecisions(spec, SeccompCompiler.Compile(spec, SeccompArchitecture.X8664), s_x86, arguments);
                },
                iter: 100);
    }

    [Fact]
    public void FarTargetsAreReached()
    {
        SeccompRule[] rules = [.. Enumerable.Range(0, 300).Select(i => new SeccompRule
        {
            Names = ["ioctl"],
            Action = SeccompAction.Errno,
            Data = (ushort)(i + 2),
            Conditions = [new SeccompCondition(1, SeccompOperator.Equal, (ulong)i * 3)],
        })];
        SeccompFilterSpec spec = new() { DefaultAction = SeccompAction.Errno, DefaultData = 1, Architectures = [SeccompArchitecture.X86, SeccompArchitecture.X32], Rules = rules };
        ulong[][] arguments = [.. Enumerable.Range(0, 100).Select(i => new ulong[] { 0, (ulong)i * 9, 0, 0, 0, 0 })];
        SockFilter[] program = SeccompCompiler.Compile(spec, SeccompArchitecture.X8664);
        NaivePolicy policy = new(spec, SeccompArchitecture.X8664);
        foreach (ulong[] a in arguments)
        {
            Assert.Equal(policy.Decide(16, a), BpfInterpreter.Run(program, 0xC000003E, 16, a));
        }
    }

    [Fact]
    public void TooLongFiltersAreRefused()
    {
        string[] names = ["ioctl", "prctl", "read", "write", "open", "fcntl", "mmap", "mprotect", "kill", "madvise"];
        SeccompRule[] rules = [.. Enumerable.Range(0, 5000).Select(i => new SeccompRule
        {
            Names = [names[i / 500]],
            Action = SeccompAction.Trap,
            Conditions = [new SeccompCondition(1, SeccompOperator.MaskedEqual, (ulong)i + 7)],
        })];
        Assert.Contains("at most 4096", Refused(rules), StringComparison.Ordinal);
        Assert.Contains("more than 512", Refused([.. rules[..500], .. rules[..13]]), StringComparison.Ordinal);

        static string Refused(SeccompRule[] rules) => Assert.Throws<ArgumentException>(() => SeccompCompiler.Compile(
            new SeccompFilterSpec { DefaultAction = SeccompAction.Errno, DefaultData = 1, Rules = rules }, SeccompArchitecture.X8664)).Message;
    }

    [Fact]
    public void ConditionsOnMissingArgumentsAreRefused()
    {
        SeccompRule rule = new() { Names = ["read"], Action = SeccompAction.Allow, Conditions = [new SeccompCondition(6, SeccompOperator.Equal, 0)] };
        Assert.Throws<ArgumentException>(() => SeccompCompiler.Compile(new SeccompFilterSpec { DefaultAction = SeccompAction.Errno, Rules = [rule] }, SeccompArchitecture.X8664));
    }

    private static Gen<T> Pick<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static void AssertDecisions(
        SeccompFilterSpec spec, SockFilter[] program, (SeccompArchitecture Architecture, uint Audit, uint Mark)[] architectures, ulong[][] arguments)
    {
        foreach ((SeccompArchitecture architecture, uint audit, uint mark) in architectures)
        {
            NaivePolicy policy = new(spec, architecture);
            for (uint number = 0; number < 600; number++)
            {
                foreach (ulong[] a in arguments)
                {
                    // The kernel hands 32-bit callers' arguments over zero-extended.
                    ulong[] seen = architecture is SeccompArchitecture.X86 or SeccompArchitecture.Arm ? [.. a.Select(v => (ulong)(uint)v)] : a;
                    uint expected = policy.Decide(number, seen);
                    uint actual = BpfInterpreter.Run(program, audit, number | mark, seen);
                    if (expected != actual)
                    {
                        Assert.Fail($"{architecture} call {number} ({string.Join(',', a)}): rules say 0x{expected:x8}, filter says 0x{actual:x8}");
                    }
                }
            }
        }
    }
}
