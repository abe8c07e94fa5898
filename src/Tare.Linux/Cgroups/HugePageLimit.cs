namespace Tare.Linux.Cgroups;

/// <summary>A limit of huge pages.</summary>
/// <param name="PageSize">Page size as the kernel's file names write it: <c>2MB</c>, <c>1GB</c>.</param>
/// <param name="LimitBytes">The limit.</param>
public readonly record struct HugePageLimit(string PageSize, ulong LimitBytes);
