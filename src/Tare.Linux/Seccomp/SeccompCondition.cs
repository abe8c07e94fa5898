namespace Tare.Linux.Seccomp;

/// <summary>A comparison of one argument of a system call.</summary>
/// <param name="Index">Which argument, 0 to 5.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">What it is compared with; the mask of <see cref="SeccompOperator.MaskedEqual"/>.</param>
/// <param name="SecondValue">What the masked argument must equal; used by <see cref="SeccompOperator.MaskedEqual"/> alone.</param>
public readonly record struct SeccompCondition(int Index, SeccompOperator Operator, ulong Value, ulong SecondValue = 0);
