namespace Tare.Engine.Explain;

/// <summary>The first process of a container, as the kernel shows it.</summary>
/// <param name="Args">Its command line.</param>
/// <param name="User">User and group id as <c>uid:gid</c>, numbers of the host.</param>
/// <param name="Cwd">Its working directory, seen from inside.</param>
/// <param name="Capabilities">Its effective capabilities.</param>
/// <param name="NoNewPrivileges">Whether execve can give it no more privileges.</param>
/// <param name="SeccompMode"><c>disabled</c>, <c>strict</c> or <c>filter</c>.</param>
public sealed record ExplainedProcess(IReadOnlyList<string> Args, string User, string Cwd, IReadOnlyList<string> Capabilities, bool NoNewPrivileges, string SeccompMode);
