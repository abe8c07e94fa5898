using System.Globalization;

namespace Tare.Runtime.Commands;

/// <summary>Sockets that a service manager passes (sd_listen_fds(3)): they follow standard error and are handed on.</summary>
internal static class ListenDescriptors
{
    /// <summary>How many descriptors the process keeps, and the variable that tells it; null without passed sockets.</summary>
    public static (int Preserved, string? Variable) FromEnvironment(int preserved)
        => int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), CultureInfo.InvariantCulture, out int count) && count > 0
            ? (preserved + count, string.Create(CultureInfo.InvariantCulture, $"LISTEN_FDS={count}"))
            : (preserved, null);
}
