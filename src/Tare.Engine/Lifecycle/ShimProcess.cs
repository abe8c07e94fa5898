using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Containers;
using Tare.Linux;
using Tare.Linux.Processes;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Lifecycle;

/// <summary>Starts shims, and ends those that nobody can speak to.</summary>
internal static class ShimProcess
{
    /// <summary>Kills the shim of a container that an earlier daemon started: it is known by its command line alone.</summary>
    public static void KillOf(EngineParts parts, string id)
    {
        string line = string.Join('\0', ["tare-runtime", .. Arguments(parts, id)]);
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText(folder + "/cmdline").TrimEnd('\0') == line)
                {
                    using SafePidFd shim = SafePidFd.Open(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
                    shim.TrySendSignal(Signals.Kill);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
            {
                // It has ended while we looked, as processes do.
            }
        }
    }

    private static string[] Arguments(EngineParts parts, string id) => ["shim", "--id", id, "--bundle", parts.Paths.Shim(id)];

    /// <summary>Starts the shim of a container whose folder is made, and connects to it.</summary>
    /// <param name="parts">The engine's parts.</param>
    /// <param name="id">The container.</param>
    /// <param name="root">Its root where that is mounted already; null where the shim mounts it.</param>
    /// <exception cref="Linux.LinuxException">The program cannot be started.</exception>
    /// <exception cref="ShimException">It does not answer.</exception>
    public static async Task<(SpawnedProcess Process, ShimClient Client)> StartAsync(EngineParts parts, string id, SafeFileHandle? root)
    {
        string socketPath = parts.Paths.ShimSocket(id);
        SpawnedProcess process = RuntimeProcess.Spawn(parts.Options.RuntimePath, Arguments(parts, id), socketPath, parts.Paths.Shim(id) + "/shim.log", root);
        try
        {
            return (process, await ShimClient.ConnectAsync(socketPath));
        }
        catch (ShimException)
        {
            process.Dispose();
            throw;
        }
    }
}
