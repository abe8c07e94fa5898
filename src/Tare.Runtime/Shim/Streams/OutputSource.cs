using Microsoft.Win32.SafeHandles;

namespace Tare.Runtime.Shim.Streams;

/// <summary>The reading end of a process's standard output or error, or the master of its terminal.</summary>
/// <param name="handle">The descriptor, owned by this object.</param>
/// <param name="isError">Standard error.</param>
internal sealed class OutputSource(SafeFileHandle handle, bool isError)
{
    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; } = handle;

    /// <summary>Standard error, else standard output or a terminal.</summary>
    public bool IsError { get; } = isError;

    /// <summary>Whether more may come.</summary>
    public bool IsOpen { get; set; } = true;
}
