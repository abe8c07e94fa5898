using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Mounts;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>
/// The root file system as criu wants it: a mount, on whose way nothing else is mounted, with a place for every mount of the container. It stands in
/// the mount namespace that only criu sees.
/// </summary>
internal static class RestoreRoot
{
    /// <summary>The folder's name.</summary>
    public const string Name = "criu-root";

    /// <summary>Shows the root file system in a folder of the container's state, and makes places for mounts that are missing.</summary>
    /// <param name="request">The container.</param>
    /// <param name="folder">The container's state folder.</param>
    /// <param name="resolved">Gets the path that each destination leads to.</param>
    /// <returns>The folder's path.</returns>
    /// <exception cref="RuntimeException">A source is missing, or a place cannot be made.</exception>
    public static string Make(CreateRequest request, string folder, Dictionary<string, string> resolved)
    {
        string root = Path.Combine(folder, Name);
        Directory.CreateDirectory(root);
        try
        {
            PrivateMounts.Bind(ContainerLauncher.RootOf(request), root);
            using SafeFileHandle opened = ConfinedFile.Open(root, "/", Linux.Interop.Libc.O_PATH);
            string real = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{opened.DangerousGetHandle()}")).LinkTarget ?? root;
            Stack<string> shown = new();
            List<string> made = [];
            foreach (Mount mount in request.Spec.Mounts ?? [])
            {
                MakePlace(request, mount, real, made, shown, resolved);
            }

            while (shown.TryPop(out string? place))
            {
                PrivateMounts.Unbind(place);
            }

            return real;
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Step, $"root for restore: {failure.Message}", failure.Errno, failure);
        }
    }

    private static void MakePlace(CreateRequest request, Mount mount, string root, List<string> made, Stack<string> shown, Dictionary<string, string> resolved)
    {
        string destination = Path.GetFullPath(mount.Destination, "/");
        if (made.Exists(other => destination.StartsWith(other + "/", StringComparison.Ordinal)))
        {
            resolved[mount.Destination] = destination; // in a file system that the images bring along
            return;
        }

        bool bind = ExternalMounts.IsBind(mount, out _);
        string? source = bind ? ExternalMounts.SourceOf(mount, request.BundlePath) : null;
        using SafeFileHandle place = ConfinedFolder.Ensure(root, destination, source is null || Directory.Exists(source));
        resolved[mount.Destination] = ConfinedFolder.PathInside(root, place);
        if (source is null)
        {
            made.Add(destination);
            return;
        }

        // Places of further mounts may be in what is mounted here; it goes again before criu comes.
        string inside = root + resolved[mount.Destination];
        PrivateMounts.Bind(source, string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{place.DangerousGetHandle()}"));
        shown.Push(inside);
    }
}
