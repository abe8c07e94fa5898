using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>
/// Files in memory that the child inherits for hooks inside the container: the state that they read from standard input, written once the pid is known, and what they print.
/// </summary>
internal sealed class HookFiles : IDisposable
{
    private const int MostPrinted = 4096;
    private readonly SafeFileHandle _createContainer = Make();
    private readonly SafeFileHandle _startContainer = Make();
    private readonly SafeFileHandle _output = Make();

    private HookFiles()
    {
    }

    /// <summary>The descriptors.</summary>
    public (int CreateContainer, int StartContainer, int Output) Descriptors
        => ((int)_createContainer.DangerousGetHandle(), (int)_startContainer.DangerousGetHandle(), (int)_output.DangerousGetHandle());

    /// <summary>Makes the files; null when no hook runs inside.</summary>
    public static HookFiles? For(Hooks? hooks) => hooks is { CreateContainer.Count: > 0 } or { StartContainer.Count: > 0 } ? new HookFiles() : null;

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
        _output.Dispose();
    }

    /// <summary>The end of what a hook printed, as a part of a sentence; empty when it printed nothing.</summary>
    /// <param name="output">The file that was its standard output and error.</param>
    public static string Printed(SafeFileHandle output)
    {
        long length = RandomAccess.GetLength(output);
        byte[] end = new byte[Math.Min(length, MostPrinted)];
        int read = RandomAccess.Read(output, end, length - end.Length);
        string text = Encoding.UTF8.GetString(end, 0, read).Trim();
        return text.Length == 0 ? "" : $", output: {text}";
    }

    /// <summary>A new file in memory, which execve closes.</summary>
    /// <exception cref="LinuxException">There is no memory or descriptor left.</exception>
    public static unsafe SafeFileHandle Make()
    {
        fixed (byte* name = "hook\0"u8)
        {
            nint file = Libc.Syscall(Syscalls.MemfdCreate, (nint)name, 1); // MFD_CLOEXEC
            return file < 0 ? throw LinuxException.Last("memfd_create") : new SafeFileHandle(file, ownsHandle: true);
        }
    }
}
