using Tare.Linux.Files;

namespace Tare.Engine.Volumes;

/// <summary>Measures folders.</summary>
internal static class FolderSize
{
    /// <summary>Bytes of the files below a folder; links are not followed.</summary>
    public static long Of(string folder)
    {
        long bytes = 0;
        EnumerationOptions options = new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true };
        foreach (string path in Directory.EnumerateFileSystemEntries(folder, "*", options))
        {
            if (FileStatus.TryGet(path, followLink: false, out FileStatus status) && status.Type == FileType.Regular)
            {
                bytes += status.SizeBytes;
            }
        }

        return bytes;
    }
}
