using System.Runtime.InteropServices;

[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Tare.Linux.Interop;

/// <summary>
/// The C library as it is: names, values and signatures of its headers, one part per header file. Nothing here checks or throws; the classes
/// above it do. Programs bind these functions directly (DirectPInvoke).
/// </summary>
public static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>errno.h: where the error number of this thread stands. Never switches the thread's GC mode, so that a cloned child may call it.</summary>
    [LibraryImport(Library, EntryPoint = "__errno_location")]
    [SuppressGCTransition]
    public static partial int* ErrnoLocation();

    /// <summary>
    /// unistd.h syscall(2): one system call, without a GC transition, so that a cloned child may make it. Returns -1 and sets errno on failure.
    /// Never for calls that block in a process whose garbage collector may run meanwhile.
    /// </summary>
    [LibraryImport(Library, EntryPoint = "syscall")]
    [SuppressGCTransition]
    public static partial nint RawSyscall(nint number, nint a1, nint a2, nint a3, nint a4, nint a5, nint a6);

    /// <summary>unistd.h syscall(2) for calls that libc does not wrap.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Syscall(nint number, nint a1 = 0, nint a2 = 0, nint a3 = 0, nint a4 = 0, nint a5 = 0, nint a6 = 0);
}
