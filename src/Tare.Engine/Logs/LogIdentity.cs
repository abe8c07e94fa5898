using System.Globalization;
using Tare.Linux.Files;

namespace Tare.Engine.Logs;

/// <summary>What distinguishes a log file from all others, over renames and the compression: its inode, and its creation since inodes are used again.</summary>
/// <param name="Inode">The inode.</param>
/// <param name="Birth">Nanoseconds since 1970; 0 where the file system does not tell.</param>
internal readonly record struct LogIdentity(ulong Inode, long Birth)
{
    /// <summary>The identity of a file.</summary>
    public static LogIdentity Of(FileStatus status) => new(status.Inode, status.BirthNanoseconds);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out LogIdentity identity)
    {
        string[] words = text.Split('-');
        identity = default;
        if (words.Length != 2 || !ulong.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long birth))
        {
            return false;
        }

        identity = new LogIdentity(inode, birth);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inode}-{Birth}");
}
