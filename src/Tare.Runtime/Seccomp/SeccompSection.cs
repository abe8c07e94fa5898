using Tare.Linux.Seccomp;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Seccomp;

/// <summary>Understands the <c>linux.seccomp</c> section of the OCI configuration.</summary>
public static class SeccompSection
{
    private const uint FlagSynchronizeThreads = 1;
    private const uint FlagLog = 2;
    private const uint FlagSpeculationAllowed = 4;
    private const uint FlagNewListener = 8;
    private const uint FlagSynchronizeErrno = 16;
    private const uint FlagWaitKillable = 32;
    private const ushort NotPermitted = 1;

    private static readonly string[] s_foreign =
    [
        "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
        "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
        "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    ];

    /// <summary>The names of architectures that a section may hold, in order of the alphabet.</summary>
    public static IReadOnlyList<string> Architectures =>
        [.. s_foreign.Concat(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]).Order(StringComparer.Ordinal)];

    /// <summary>The flags that a section may hold, in order of the alphabet.</summary>
    public static IReadOnlyList<string> Flags { get; } =
        ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"];

    /// <summary>Compiles a section for this machine.</summary>
    /// <exception cref="ArgumentException">The section is wrong; the message quotes the value. Names of unknown system calls are ignored, as the specification says.</exception>
    public static SeccompFilter Compile(LinuxSeccomp section)
    {
        ArgumentNullException.ThrowIfNull(section);
        SeccompFilterSpec spec = ToSpec(section);
        bool notifies = spec.Rules.Any(r => r.Action == SeccompAction.Notify);
        if (spec.DefaultAction == SeccompAction.Notify || spec.Rules.Any(r => r.Action == SeccompAction.Notify && r.Names.Contains("write")))
        {
            // The runtime itself has to write the report of its last steps after the filter is in force.
            throw new ArgumentException("seccomp: SCMP_ACT_NOTIFY cannot be the default action nor be used for the write system call: the runtime reports by it that the listener is there");
        }

        if (Linux.Interop.Libc.geteuid() != 0 && spec.Rules.Any(r => r.Action == SeccompAction.Notify && r.Names.Contains("sendmsg")))
        {
            throw new ArgumentException("seccomp: SCMP_ACT_NOTIFY cannot be used for the sendmsg system call without privileges: the listener is sent by it");
        }

        if (!notifies && section.ListenerMetadata is not null && section.ListenerPath is null)
        {
            throw new ArgumentException("seccomp: listenerMetadata without listenerPath");
        }

        if (notifies && section.ListenerPath is null)
        {
            throw new ArgumentException("seccomp: SCMP_ACT_NOTIFY needs a listenerPath");
        }

        uint flags = FlagsOf(section.Flags);
        // seccomp(2): how a listener is waited for needs a listener; with one, a failed synchronization cannot be told by the result's value.
        flags = notifies ? flags | FlagNewListener | ((flags & FlagSynchronizeThreads) != 0 ? FlagSynchronizeErrno : 0) : flags & ~FlagWaitKillable;
        return new SeccompFilter(SeccompCompiler.Compile(spec), flags, notifies ? section.ListenerPath : null, section.ListenerMetadata);
    }

    /// <summary>The policy that a section describes.</summary>
    /// <exception cref="ArgumentException">The section is wrong.</exception>
    public static SeccompFilterSpec ToSpec(LinuxSeccomp section)
    {
        ArgumentNullException.ThrowIfNull(section);
        SeccompAction action = ActionOf(section.DefaultAction);
        return new SeccompFilterSpec
        {
            DefaultAction = action,
            DefaultData = DataOf(action, section.DefaultErrnoRet, "defaultErrnoRet"),
            Architectures = [.. (section.Architectures ?? []).Select(ArchitectureOf).OfType<SeccompArchitecture>()],
            Rules = [.. (section.Syscalls ?? []).Select(RuleOf)],
        };
    }

    private static SeccompRule RuleOf(LinuxSyscallRule rule)
    {
        SeccompAction action = ActionOf(rule.Action);
        return new SeccompRule
        {
            Names = rule.Names.Count > 0 ? rule.Names : throw new ArgumentException("seccomp: a syscalls entry without names"),
            Action = action,
            Data = DataOf(action, rule.ErrnoRet, "errnoRet"),
            Conditions = rule.Args is { Count: > 0 } args ? [.. args.Select(ConditionOf)] : [],
        };
    }

    private static SeccompCondition ConditionOf(LinuxSyscallArgument argument) => new(
        argument.Index <= 5 ? (int)argument.Index : throw new ArgumentException($"seccomp: argument index {argument.Index} is above 5"),
        argument.Op switch
        {
            "SCMP_CMP_NE" => SeccompOperator.NotEqual,
            "SCMP_CMP_LT" => SeccompOperator.LessThan,
            "SCMP_CMP_LE" => SeccompOperator.LessOrEqual,
            "SCMP_CMP_EQ" => SeccompOperator.Equal,
            "SCMP_CMP_GE" => SeccompOperator.GreaterOrEqual,
            "SCMP_CMP_GT" => SeccompOperator.GreaterThan,
            "SCMP_CMP_MASKED_EQ" => SeccompOperator.MaskedEqual,
            _ => throw new ArgumentException($"seccomp: unknown operator \"{argument.Op}\""),
        },
        argument.Value,
        argument.ValueTwo);

    private static SeccompAction ActionOf(string name) => name switch
    {
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => SeccompAction.KillThread,
        "SCMP_ACT_KILL_PROCESS" => SeccompAction.KillProcess,
        "SCMP_ACT_TRAP" => SeccompAction.Trap,
        "SCMP_ACT_ERRNO" => SeccompAction.Errno,
        "SCMP_ACT_TRACE" => SeccompAction.Trace,
        "SCMP_ACT_ALLOW" => SeccompAction.Allow,
        "SCMP_ACT_LOG" => SeccompAction.Log,
        "SCMP_ACT_NOTIFY" => SeccompAction.Notify,
        _ => throw new ArgumentException($"seccomp: unknown action \"{name}\""),
    };

    private static ushort DataOf(SeccompAction action, uint? errno, string member)
    {
        if (action is not (SeccompAction.Errno or SeccompAction.Trace))
        {
            return errno is null ? (ushort)0 : throw new ArgumentException($"seccomp: {member} with an action that returns no errno");
        }

        // Without a value the specification has the runtime choose: EPERM, as runc does. 4095 is the kernel's MAX_ERRNO.
        return errno is null ? NotPermitted : errno <= 4095 ? (ushort)errno.Value : throw new ArgumentException($"seccomp: {member} {errno} is no errno");
    }

    private static SeccompArchitecture? ArchitectureOf(string name) => name switch
    {
        "SCMP_ARCH_X86_64" => SeccompArchitecture.X8664,
        "SCMP_ARCH_X86" => SeccompArchitecture.X86,
        "SCMP_ARCH_X32" => SeccompArchitecture.X32,
        "SCMP_ARCH_AARCH64" => SeccompArchitecture.Aarch64,
        "SCMP_ARCH_ARM" => SeccompArchitecture.Arm,
        _ => s_foreign.Contains(name) ? null : throw new ArgumentException($"seccomp: unknown architecture \"{name}\""),
    };

    private static uint FlagsOf(List<string>? names)
    {
        // A section that says nothing keeps the processor's speculation mitigations as they are, as runc 1.2 does: a filter costs little then.
        if (names is null)
        {
            return FlagSpeculationAllowed;
        }

        uint flags = 0;
        foreach (string name in names)
        {
            flags |= name switch
            {
                "SECCOMP_FILTER_FLAG_TSYNC" => FlagSynchronizeThreads,
                "SECCOMP_FILTER_FLAG_LOG" => FlagLog,
                "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => FlagSpeculationAllowed,
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => FlagWaitKillable,
                _ => throw new ArgumentException($"seccomp: unknown flag \"{name}\""),
            };
        }

        return flags;
    }
}
