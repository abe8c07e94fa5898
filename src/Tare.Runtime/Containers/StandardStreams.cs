using Microsoft.Win32.SafeHandles;

namespace Tare.Runtime.Containers;

/// <summary>The standard streams of a process without a terminal. The caller owns the handles; they are open for the child alone.</summary>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record StandardStreams(SafeFileHandle Input, SafeFileHandle Output, SafeFileHandle Error);
