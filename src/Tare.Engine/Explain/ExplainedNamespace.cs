namespace Tare.Engine.Explain;

/// <summary>One namespace of a container's process.</summary>
/// <param name="Type">The kernel's name in /proc/PID/ns: <c>pid</c>, <c>mnt</c> …</param>
/// <param name="Inode">The namespace's number.</param>
/// <param name="SharedWithHost">Whether it is the daemon's own.</param>
public sealed record ExplainedNamespace(string Type, ulong Inode, bool SharedWithHost);
