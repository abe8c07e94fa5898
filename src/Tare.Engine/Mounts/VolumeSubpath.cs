using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Errors;
using Tare.Linux;
using Tare.Linux.Files;

namespace Tare.Engine.Mounts;

/// <summary>A path inside a volume that is mounted in the volume's place. Containers may change the volume meanwhile, so that the place is opened once and then named by its descriptor.</summary>
internal static class VolumeSubpath
{
    /// <summary>O_PATH.</summary>
    private const int PlaceOnly = 0x200000;

    /// <summary>Opens a path inside a volume; links on the way may not lead out of it.</summary>
    /// <param name="volume">The volume's folder.</param>
    /// <param name="subpath">The relative path inside.</param>
    /// <returns>The place, open with O_PATH.</returns>
    /// <exception cref="EngineException">NotFound: it is not there or not accessible; InvalidArgument: it leads out of the volume (dockerd's texts).</exception>
    public static SafeFileHandle Open(string volume, string subpath)
    {
        try
        {
            using ConfinedRoot root = ConfinedRoot.Open(volume);
            return root.OpenBeneath(subpath, PlaceOnly);
        }
        catch (LinuxException e) when (e.Errno == Errno.EXDEV)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"path concatenation escapes the base directory, base: {volume}, subpath: {subpath}", e);
        }
        catch (LinuxException e)
        {
            throw new EngineException(ErrorClass.NotFound, $"cannot access path {volume}/{subpath}: {e.Message}", e);
        }
    }

    /// <summary>The path by which any process with this one's view of /proc finds an open place, as long as it stays open.</summary>
    /// <param name="place">The place.</param>
    public static string PathOf(SafeFileHandle place) => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{(int)place.DangerousGetHandle()}");
}
