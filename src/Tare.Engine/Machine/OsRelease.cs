using System.Globalization;

namespace Tare.Engine.Machine;

/// <summary>Facts about the operating system, from its files.</summary>
internal static class OsRelease
{
    /// <summary>Reads PRETTY_NAME and VERSION_ID (os-release(5)); empty where they are missing.</summary>
    public static (string Name, string Version) Read(string path)
    {
        string name = "Linux";
        string version = "";
        foreach (string line in ReadText(path).Split('\n'))
        {
            if (line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
            {
                name = line["PRETTY_NAME=".Length..].Trim('"', '\'');
            }
            else if (line.StartsWith("VERSION_ID=", StringComparison.Ordinal))
            {
                version = line["VERSION_ID=".Length..].Trim('"', '\'');
            }
        }

        return (name, version);
    }

    /// <summary>MemTotal of /proc/meminfo in bytes; 0 when it cannot be read.</summary>
    public static long MemoryBytes()
    {
        string first = ReadText("/proc/meminfo").Split('\n')[0];
        string[] words = first.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes << 10 : 0;
    }

    /// <summary>Docker's name of the file system that holds a folder, by the longest mount point above it.</summary>
    public static string FileSystemOf(string folder)
    {
        string found = "";
        string type = "<unknown>";
        foreach (string line in ReadText("/proc/self/mounts").Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length > 2 && words[1].Length >= found.Length && (folder == words[1] || folder.StartsWith(words[1].TrimEnd('/') + "/", StringComparison.Ordinal)))
            {
                (found, type) = (words[1], words[2]);
            }
        }

        return type is "ext4" or "ext3" or "ext2" ? "extfs" : type;
    }

    /// <summary>A file's text without the last line's end; empty when it cannot be read.</summary>
    public static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\n');
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}
