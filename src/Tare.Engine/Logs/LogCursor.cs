using System.Globalization;

namespace Tare.Engine.Logs;

/// <summary>A place in a log.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">The offset in it.</param>
internal readonly record struct LogCursor(LogIdentity File, long Offset)
{
    /// <summary>Reads what <see cref="Save"/> wrote; null when there is nothing, or nothing that can be read.</summary>
    public static LogCursor? TryLoad(string path)
    {
        try
        {
            string[] words = System.IO.File.ReadAllText(path).Split(' ');
            return words.Length == 2
                && LogIdentity.TryParse(words[0], out LogIdentity file)
                && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long offset)
                ? new LogCursor(file, offset)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Writes it to a file, which holds the old place or the new one at any instant.</summary>
    public void Save(string path)
    {
        string temporary = path + ".tmp";
        System.IO.File.WriteAllText(temporary, string.Create(CultureInfo.InvariantCulture, $"{File} {Offset}"));
        System.IO.File.Move(temporary, path, overwrite: true);
    }
}
