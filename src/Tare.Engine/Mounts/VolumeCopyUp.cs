using Tare.Engine.Users;
using Tare.Linux.Files;

namespace Tare.Engine.Mounts;

/// <summary>Fills an empty volume with what the image has at its target, as Docker does: owners, modes, times and links are kept.</summary>
internal static class VolumeCopyUp
{
    /// <summary>Copies the merged directory <paramref name="target"/> of an image into a volume; nothing when the image has none there.</summary>
    public static void Copy(LayeredRoot root, string target, string volume)
    {
        IReadOnlyList<string> sources = root.TryFindDirectory(target);
        if (sources.Count > 0)
        {
            CopyDirectory(sources, volume);
        }
    }

    private static void CopyDirectory(IReadOnlyList<string> sources, string destination)
    {
        foreach (string name in sources.SelectMany(s => Directory.EnumerateFileSystemEntries(s)).Select(p => Path.GetFileName(p)!).Distinct())
        {
            List<string> found = LayeredRoot.Step(sources, name, out FileType type);
            if (found.Count == 0)
            {
                continue;
            }

            string place = destination + "/" + name;
            switch (type)
            {
                case FileType.Directory:
                    Directory.CreateDirectory(place);
                    CopyDirectory(found, place);
                    break;
                case FileType.Regular:
                    File.Copy(found[0], place);
                    KeepAttributes(found[0], place);
                    break;
                case FileType.SymbolicLink:
                    File.CreateSymbolicLink(place, new FileInfo(found[0]).LinkTarget!);
                    FileStatus link = FileStatus.Of(found[0], followLink: false);
                    Ownership.SetOfLink(place, link.Uid, link.Gid);
                    break;
                default:
                    // Device nodes, pipes and sockets are no content.
                    break;
            }
        }

        KeepAttributes(sources[0], destination);
    }

    private static void KeepAttributes(string source, string destination)
    {
        FileStatus status = FileStatus.Of(source, followLink: false);
        Ownership.SetOfLink(destination, status.Uid, status.Gid);
        File.SetUnixFileMode(destination, (UnixFileMode)status.Permissions);
        File.SetLastWriteTimeUtc(destination, File.GetLastWriteTimeUtc(source));
    }
}
