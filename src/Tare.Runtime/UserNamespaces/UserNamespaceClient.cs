using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;

namespace Tare.Runtime.UserNamespaces;

/// <summary>Has a user namespace made by the program tare-runtime, for processes that must not clone.</summary>
public static class UserNamespaceClient
{
    internal const string Done = "ok";

    /// <summary>Makes one that lives as long as its descriptor, or what is mounted with its maps. The descriptor is the caller's.</summary>
    /// <param name="program">Path of tare-runtime.</param>
    /// <param name="uids">The ids of users.</param>
    /// <param name="gids">The ids of groups.</param>
    /// <exception cref="IOException">The kernel does not take the maps, or makes no user namespaces; the message says why.</exception>
    /// <exception cref="Linux.LinuxException">The program cannot be started.</exception>
    public static SafeFileHandle Make(string program, IEnumerable<IdMapping> uids, IEnumerable<IdMapping> gids)
    {
        using DescriptorPair sockets = DescriptorPair.Sockets();
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest
        {
            Path = program,
            Arguments = ["tare-runtime", "user-namespace", "--uids", Text(uids), "--gids", Text(gids)],
            Descriptors = [nothing, nothing, nothing, sockets.Second],
        });
        sockets.Second.Dispose();
        byte[] answer = new byte[1024];
        int length = DescriptorPassing.Receive(sockets.First, answer, out SafeFileHandle? made);
        process.WaitForExitAsync().GetAwaiter().GetResult();
        return made ?? throw new IOException("user namespace: " + (length == 0 ? "the runtime made none" : Encoding.UTF8.GetString(answer, 0, length)));
    }

    private static string Text(IEnumerable<IdMapping> maps)
        => string.Join(',', maps.Select(static map => string.Create(CultureInfo.InvariantCulture, $"{map.ContainerId}:{map.HostId}:{map.Size}")));
}
