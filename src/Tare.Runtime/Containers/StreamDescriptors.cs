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
    /// <param name="streams">The streams; null where they are inherited.</param>
    /// <param name="user">Whose they become, by the ids inside.</param>
    /// <param name="uidMappings">What the ids inside are outside; null without a user namespace.</param>
    public static IReadOnlyList<int>? Of(StandardStreams? streams, User user, List<IdMapping>? uidMappings)
    {
        if (streams is null)
        {
            return null;
        }

        SafeFileHandle[] handles = [streams.Input, streams.Output, streams.Error];
        uint owner = IdMaps.Outside(uidMappings, user.Uid) ?? user.Uid;
        foreach (SafeFileHandle handle in handles)
        {
            if (owner != 0 && FileStatus.Of(handle).Type is FileType.Fifo or FileType.Socket)
            {
                // A failure only costs the process the way through /dev/stdout.
                _ = Libc.Syscall(Syscalls.Fchown, handle.DangerousGetHandle(), (nint)owner, -1);
            }
        }

        return [.. handles.Select(handle => (int)handle.DangerousGetHandle())];
    }

    /// <summary>Which streams are /dev/null: bit i for stream i.</summary>
    public static int NullOf(StandardStreams? streams)
        => streams is null ? Bit(0, 0) | Bit(1, 1) | Bit(2, 2) : Bit(0, Number(streams.Input)) | Bit(1, Number(streams.Output)) | Bit(2, Number(streams.Error));

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    // The device 1:3 (Documentation/admin-guide/devices.txt).
    private static unsafe int Bit(int stream, int descriptor)
    {
        Libc.statx_t status;
        return Libc.statx(descriptor, "", Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) == 0
            && (status.stx_mode & Libc.S_IFMT) == (int)FileType.CharacterDevice && status is { stx_rdev_major: 1, stx_rdev_minor: 3 } ? 1 << stream : 0;
    }
}
