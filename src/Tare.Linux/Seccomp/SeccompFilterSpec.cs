namespace Tare.Linux.Seccomp;

/// <summary>A seccomp policy by names, to be compiled to BPF by <see cref="SeccompCompiler"/>.</summary>
public sealed class SeccompFilterSpec
{
    /// <summary>What happens to a call that no rule matches.</summary>
    public required SeccompAction DefaultAction { get; init; }

    /// <summary>The lower 16 bits of the default action. Default 0.</summary>
    public ushort DefaultData { get; init; }

    /// <summary>Architectures whose calls the rules describe; the native one always belongs to them. A call of another one kills its thread.</summary>
    public IReadOnlyList<SeccompArchitecture> Architectures { get; init; } = [];

    /// <summary>The rules.</summary>
    public required IReadOnlyList<SeccompRule> Rules { get; init; }

    /// <summary>
    /// Answers ENOSYS to calls with a number above the highest one that the rules name, so that programs fall back when they find a call
    /// that is younger than the policy. Default true; without effect when the default action lets calls through or is ENOSYS already.
    /// </summary>
    public bool UnknownCallsAreMissing { get; init; } = true;
}
