using System.Runtime.InteropServices;
using Tare.Engine.Security;
using Tare.Linux.Seccomp;
using Tare.Runtime.Seccomp;
using Tare.UnitTests.Linux.Seccomp;

namespace Tare.UnitTests.Engine.Security;

public sealed class DefaultSeccompProfileTests
{
    public static TheoryData<string> Variants => [.. CapturedDockerProfile.Names];

    [Theory]
    [MemberData(nameof(Variants))]
    public void RulesAreThoseOfDockerd(string variant)
    {
        CapturedDockerProfile captured = CapturedDockerProfile.Load(variant);
        SeccompFilterSpec spec = SeccompSection.ToSpec(DefaultSeccompProfile.Create(captured.Capabilities, Architecture.X64, new Version(6, 18)));
        Assert.Equal(captured.Spec.DefaultAction, spec.DefaultAction);
        Assert.Equal(captured.Spec.DefaultData, spec.DefaultData);
        Assert.Equal(captured.Spec.Architectures, spec.Architectures);
        Assert.Equal(captured.Spec.Rules.Select(Describe), spec.Rules.Select(Describe));
    }

    [Fact]
    public void OldKernelsForbidPtrace()
    {
        SeccompFilterSpec spec = SeccompSection.ToSpec(DefaultSeccompProfile.Create(DefaultCapabilities.Names, Architecture.X64, new Version(4, 7)));
        Assert.DoesNotContain(spec.Rules, r => r.Names.Contains("ptrace"));
    }

    [Fact]
    public void ArmHasItsOwnCalls()
    {
        SeccompFilterSpec spec = SeccompSection.ToSpec(DefaultSeccompProfile.Create(DefaultCapabilities.Names, Architecture.Arm64, new Version(6, 1)));
        Assert.Contains(spec.Rules, r => r.Names.Contains("set_tls"));
        Assert.DoesNotContain(spec.Rules, r => r.Names.Contains("arch_prctl"));
        Assert.Equal([SeccompArchitecture.Aarch64, SeccompArchitecture.Arm], spec.Architectures);
    }

    private static string Describe(SeccompRule rule) =>
        $"{string.Join(' ', rule.Names)} {rule.Action} {(rule.Action == SeccompAction.Errno ? rule.Data : 0)} {string.Join(' ', rule.Conditions)}";
}
