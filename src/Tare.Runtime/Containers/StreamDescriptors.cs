using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>The standard streams as numbers for a plan.</summary>
internal static class StreamDescriptors
{
    /// <summary>
    /// The numbers of the streams, null to inherit. Pipes and sockets become the user's, so that a process without privileges can open its own
    /// /dev/stdout again; other files (a device such as /dev/null above all) stay whose they are.
    /// </summary>
    public static IReadOnlyList<int>? Of(StandardStreams? streams, User user)
    {
        if (streams is null)
        {
            return null;
        }

        SafeFileHandle[] handles = [streams.Input, streams.Output, streams.Error];
        foreach (SafeFileHandle handle in handles)
        {
            if (user.Uid != 0 && FileStatus.Of(handle).Type is FileType.Fifo or FileType.Socket)
            {
                // A failure only costs the process the way through /dev/stdout.
                _ = Libc.Syscall(Syscalls.Fchown, handle.DangerousGetHandle(), (nint)user.Uid, -1);
            }
        }

        return [.. handles.Select(handle => (int)handle.DangerousGetHandle())];
    }
}
