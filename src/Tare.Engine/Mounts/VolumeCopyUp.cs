using Tare.Engine.Users;
using Tare.Linux.Files;
using Tare.Storage.Tar;

namespace Tare.Engine.Mounts;

/// <summary>Fills an empty volume with what the image has at its target, as Docker does: owners, modes, times and links are kept.</summary>
internal static class VolumeCopyUp
{
    /// <summary>Copies the merged directory <paramref name="target"/> of an image into a volume; nothing when the image has none there.</summary>
    /// <param name="root">The image.</param>
    /// <param name="target">The directory.</param>
    /// <param name="volume">The volume's folder.</param>
    /// <param name="ids">What the image's owners are in the volume; null for themselves.</param>
    public static void Copy(LayeredRoot root, string target, string volume, IdTranslation? ids)
    {
        IReadOnlyList<string> sources = root.TryFindDirectory(target);
        if (sources.Count > 0)
        {
            CopyDirectory(sources, volume, ids);
        }
    }

    private static void CopyDirectory(IReadOnlyList<string> sources, string destination, IdTranslation? ids)
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
                    CopyDirectory(found, place, ids);
                    break;
                case FileType.Regular:
                    File.Copy(found[0], place);
                    KeepAttributes(found[0], place, ids);
                    break;
                case FileType.SymbolicLink:
                    File.CreateSymbolicLink(place, new FileInfo(found[0]).LinkTarget!);
                    FileStatus link = FileStatus.Of(found[0], followLink: false);
                    Own(place, link, ids);
                    break;
                default:
                    // Device nodes, pipes and sockets are no content.
                    break;
            }
        }

        KeepAttributes(sources[0], destination, ids);
    }

    private static void Own(string place, FileStatus status, IdTranslation? ids)
        => Ownership.SetOfLink(place, ids?.UserOutside(status.Uid) ?? status.Uid, ids?.GroupOutside(status.Gid) ?? status.Gid);

    private static void KeepAttributes(string source, string destination, IdTranslation? ids)
    {
        FileStatus status = FileStatus.Of(source, followLink: false);
        Own(destination, status, ids);
        File.SetUnixFileMode(destination, (UnixFileMode)status.Permissions);
        File.SetLastWriteTimeUtc(destination, File.GetLastWriteTimeUtc(source));
    }
}
