using System.Globalization;
using Tare.Linux.Interop;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>Sockets that a service manager passes (sd_listen_fds(3)): they follow standard error and are handed on.</summary>
internal static class ListenDescriptors
{
    /// <summary>How many descriptors the process keeps, and the variable that tells it; null without passed sockets.</summary>
    public static (int Preserved, string? Variable) FromEnvironment(int preserved)
        => int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), CultureInfo.InvariantCulture, out int count) && count > 0
            ? (preserved + count, string.Create(CultureInfo.InvariantCulture, $"LISTEN_FDS={count}"))
            : (preserved, null);

    /// <summary>Checks, before this program opens anything of its own, that the caller passed what it asks to keep: the container would get ours otherwise.</summary>
    /// <exception cref="RuntimeException">A descriptor is not open.</exception>
    public static void Check(int preserved)
    {
        int count = FromEnvironment(preserved).Preserved;
        for (int i = 0; i < count; i++)
        {
            if (Libc.fcntl(3 + i, Libc.F_GETFD, 0) < 0)
            {
                throw new RuntimeException(ErrorKind.Invalid, $"please check that preserved-fd {i} (of {count}) is present: descriptor {3 + i} is not open");
            }
        }
    }
}
