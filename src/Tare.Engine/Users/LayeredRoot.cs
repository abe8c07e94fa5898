using Tare.Linux.Files;

namespace Tare.Engine.Users;

/// <summary>
/// Reads files of a container's root file system while it is not mounted: a lookup through the overlay's folders from the top, with whiteouts (character devices 0:0) and
/// symbolic links resolved inside the merged view (https://docs.kernel.org/filesystems/overlayfs.html). Every component is looked at without following links, so a link
/// never leads out of the layers.
/// </summary>
/// <param name="folders">The overlay's folders, the topmost first.</param>
internal sealed class LayeredRoot(IReadOnlyList<string> folders)
{
    /// <summary>Most symbolic links on one way, as the kernel's MAXSYMLINKS.</summary>
    private const int MostLinks = 40;

    /// <summary>Largest file that is read: more is no passwd.</summary>
    private const long LargestBytes = 4 << 20;

    /// <summary>Reads a regular file; null when there is none, or it is absurdly large.</summary>
    public byte[]? TryRead(string path) =>
        Find(path) is [string file] && FileStatus.TryGet(file, followLink: false, out FileStatus status)
            && status.Type == FileType.Regular && status.SizeBytes <= LargestBytes
            ? File.ReadAllBytes(file)
            : null;

    /// <summary>The folders whose union a directory of the merged view is; empty when it is none.</summary>
    public IReadOnlyList<string> TryFindDirectory(string path) =>
        Find(path) is { Count: > 0 } found && FileStatus.TryGet(found[0], followLink: false, out FileStatus status) && status.Type == FileType.Directory ? found : [];

    /// <summary>Whether the merged view has a directory at a path of which no part is a link.</summary>
    public bool HasDirectory(string path)
    {
        List<string> here = [.. folders];
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            here = Step(here, name, out FileType type);
            if (type != FileType.Directory)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Resolves a path to the places that hold it: one for a file, several for a merged directory, none when it is missing.</summary>
    private List<string> Find(string path)
    {
        Stack<string> rest = new(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        List<List<string>> way = [[.. folders]];
        int links = 0;
        while (rest.TryPop(out string? name))
        {
            if (name == "." || name == "..")
            {
                if (name == ".." && way.Count > 1)
                {
                    way.RemoveAt(way.Count - 1);
                }

                continue;
            }

            List<string> found = Step(way[^1], name, out FileType type);
            if (found.Count == 0)
            {
                return [];
            }

            if (type != FileType.SymbolicLink)
            {
                way.Add(found);
                continue;
            }

            string? target = new FileInfo(found[0]).LinkTarget;
            if (target is null || ++links > MostLinks)
            {
                return [];
            }

            if (target.StartsWith('/'))
            {
                way.RemoveRange(1, way.Count - 1);
            }

            foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                rest.Push(part);
            }
        }

        return way[^1];
    }

    /// <summary>Looks a name up in a merged directory. What lies below a file, a link, a whiteout or an opaque directory is hidden.</summary>
    public static List<string> Step(IReadOnlyList<string> directories, string name, out FileType type)
    {
        List<string> found = [];
        type = FileType.Unknown;
        foreach (string directory in directories)
        {
            string candidate = directory + "/" + name;
            if (!FileStatus.TryGet(candidate, followLink: false, out FileStatus status))
            {
                continue;
            }

            bool isDirectory = status.Type == FileType.Directory;
            if (status is { Type: FileType.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 } || (found.Count > 0 && !isDirectory))
            {
                break;
            }

            found.Add(candidate);
            if (found.Count == 1)
            {
                type = status.Type;
            }

            if (!isDirectory || OverlayMarks.IsOpaque(candidate))
            {
                break;
            }
        }

        return found;
    }
}
