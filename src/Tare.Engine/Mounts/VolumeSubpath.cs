using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Errors;
using Tare.Linux;
using Tare.Linux.Files;

namespace Tare.Engine.Mounts;

/// <summary>A path inside a volume that is mounted in the volume's place. Containers may change the volume meanwhile: the place is opened once, and what was mounted is compared with it.</summary>
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

    /// <summary>The path of an open place, without links.</summary>
    /// <param name="volume">The volume's folder.</param>
    /// <param name="place">The place.</param>
    public static string PathOf(string volume, SafeFileHandle place)
    {
        using ConfinedRoot root = ConfinedRoot.Open(volume);
        return volume + root.PathOf(place);
    }

    /// <summary>Checks that a container has a place where it should have it. Its runtime found it by its path, and other containers may change the volume meanwhile.</summary>
    /// <param name="pid">The container's init, whose mounts are made and whose command does not run yet.</param>
    /// <param name="destination">The mount's target in the container.</param>
    /// <param name="place">The place.</param>
    /// <exception cref="EngineException">FailedPrecondition: something else is there.</exception>
    public static void Verify(int pid, string destination, SafeFileHandle place)
    {
        try
        {
            using ConfinedRoot root = ConfinedRoot.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root"));
            using SafeFileHandle mounted = root.OpenInside(destination, PlaceOnly);
            FileStatus found = FileStatus.Of(mounted);
            FileStatus wanted = FileStatus.Of(place);
            if ((found.Inode, found.DeviceMajor, found.DeviceMinor) == (wanted.Inode, wanted.DeviceMajor, wanted.DeviceMinor))
            {
                return;
            }
        }
        catch (LinuxException e)
        {
            throw new EngineException(ErrorClass.FailedPrecondition, $"cannot access path of the mount at {destination}: {e.Message}", e);
        }

        throw new EngineException(ErrorClass.FailedPrecondition, $"cannot access path of the mount at {destination}: the volume was changed while the container was made");
    }
}
