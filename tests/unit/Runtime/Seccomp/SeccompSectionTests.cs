using Tare.Linux.Seccomp;
using Tare.Oci.Runtime;
using Tare.Runtime.Seccomp;

namespace Tare.UnitTests.Runtime.Seccomp;

public sealed class SeccompSectionTests
{
    [Theory]
    [InlineData("SCMP_ACT_NONE", null, "unknown action")]
    [InlineData("SCMP_ACT_ALLOW", 5u, "returns no errno")]
    [InlineData("SCMP_ACT_ERRNO", 5000u, "is no errno")]
    [InlineData("SCMP_ACT_NOTIFY", null, "default action")]
    public void WrongDefaultsAreRefused(string action, uint? errno, string expected) => Assert.Contains(
        expected,
        Assert.Throws<ArgumentException>(() => SeccompSection.Compile(new LinuxSeccomp { DefaultAction = action, DefaultErrnoRet = errno })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void WrongRulesAreRefused()
    {
        Refused(new LinuxSyscallRule { Names = [], Action = "SCMP_ACT_ERRNO" });
        Refused(new LinuxSyscallRule { Names = ["write"], Action = "SCMP_ACT_NOTIFY" });
        Refused(new LinuxSyscallRule { Names = ["read"], Action = "SCMP_ACT_ERRNO", Args = [new LinuxSyscallArgument { Index = 6, Op = "SCMP_CMP_EQ" }] });
        Refused(new LinuxSyscallRule { Names = ["read"], Action = "SCMP_ACT_ERRNO", Args = [new LinuxSyscallArgument { Op = "SCMP_CMP_LIKE" }] });

        static void Refused(LinuxSyscallRule rule) =>
            Assert.Throws<ArgumentException>(() => SeccompSection.Compile(new LinuxSeccomp { DefaultAction = "SCMP_ACT_ALLOW", Syscalls = [rule] }));
    }

    [Fact]
    public void UnknownNamesAndForeignArchitecturesAreIgnored()
    {
        SeccompFilter filter = SeccompSection.Compile(new LinuxSeccomp
        {
            DefaultAction = "SCMP_ACT_ALLOW",
            Architectures = ["SCMP_ARCH_S390X", "SCMP_ARCH_X86_64"],
            Syscalls = [new LinuxSyscallRule { Names = ["no_such_call", "ptrace"], Action = "SCMP_ACT_ERRNO" }],
        });
        Assert.NotEmpty(filter.Program);
        Assert.Throws<ArgumentException>(() => SeccompSection.Compile(new LinuxSeccomp { DefaultAction = "SCMP_ACT_ALLOW", Architectures = ["SCMP_ARCH_Z80"] }));
    }

    [Fact]
    public void FlagsBecomeBits()
    {
        Assert.Equal(4u, Flags(null));
        Assert.Equal(0u, Flags([]));
        Assert.Equal(3u, Flags(["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"]));
        Assert.Throws<ArgumentException>(() => Flags(["SECCOMP_FILTER_FLAG_X"]));

        static uint Flags(List<string>? flags) => SeccompSection.Compile(new LinuxSeccomp { DefaultAction = "SCMP_ACT_ALLOW", Flags = flags }).Flags;
    }

    [Fact]
    public void NotificationsNeedAListener()
    {
        LinuxSeccomp section = new() { DefaultAction = "SCMP_ACT_ALLOW", Syscalls = [new LinuxSyscallRule { Names = ["mkdir"], Action = "SCMP_ACT_NOTIFY" }] };
        Assert.Throws<ArgumentException>(() => SeccompSection.Compile(section));
        section.ListenerPath = "/run/l.sock";
        Assert.Equal(12u, SeccompSection.Compile(section).Flags);
    }

    [Fact]
    public void AnErrnoThatIsNotGivenIsEperm()
    {
        SeccompFilterSpec spec = SeccompSection.ToSpec(new LinuxSeccomp { DefaultAction = "SCMP_ACT_ERRNO" });
        Assert.Equal(1, spec.DefaultData);
    }
}
