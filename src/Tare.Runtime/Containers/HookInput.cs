using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>
/// The state that hooks inside the container read from standard input: files in memory that the child inherits, written once the pid is known.
/// </summary>
internal sealed class HookInput : IDisposable
{
    private readonly SafeFileHandle _createContainer = Make();
    private readonly SafeFileHandle _startContainer = Make();

    private HookInput()
    {
    }

    /// <summary>The descriptors.</summary>
    public (int CreateContainer, int StartContainer) Descriptors => ((int)_createContainer.DangerousGetHandle(), (int)_startContainer.DangerousGetHandle());

    /// <summary>Makes the files; null when no hook runs inside.</summary>
    public static HookInput? For(Hooks? hooks) => hooks is { CreateContainer.Count: > 0 } or { StartContainer.Count: > 0 } ? new HookInput() : null;

    /// <summary>Writes the states.</summary>
    /// <param name="state">The state; its pid is the one outside.</param>
    /// <param name="pidInside">The pid as the container sees it (runtime.md, State).</param>
    public void Write(ContainerState state, int pidInside)
    {
        state.Pid = pidInside;
        RandomAccess.Write(_createContainer, RuntimeDocument.Write(state), 0);
        state.Status = "created";
        RandomAccess.Write(_startContainer, RuntimeDocument.Write(state), 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _createContainer.Dispose();
        _startContainer.Dispose();
    }

    private static unsafe SafeFileHandle Make()
    {
        fixed (byte* name = "hook state\0"u8)
        {
            nint file = Libc.Syscall(Syscalls.MemfdCreate, (nint)name, 1); // MFD_CLOEXEC
            return file < 0 ? throw LinuxException.Last("memfd_create") : new SafeFileHandle(file, ownsHandle: true);
        }
    }
}
