using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux.Files;

namespace Tare.Cli.Archives;

/// <summary>Where an archive from the daemon goes: a file, which appears only when it is whole, or standard output.</summary>
internal static class OutputFile
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Copies a stream to a file, or to standard output when the path is empty.</summary>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static void Copy(Stream source, string path, OutputWriter output)
    {
        if (path.Length == 0)
        {
            CopyTo(source, output);
            return;
        }

        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                source.CopyTo(file, BufferSize);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"open {path}: permission denied");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Copies a stream to standard output.</summary>
    public static void CopyTo(Stream source, OutputWriter output)
    {
        byte[] buffer = new byte[BufferSize];
        while (source.Read(buffer) is > 0 and int count)
        {
            output.WriteThrough(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Checks a path that an archive is to be written to, before the daemon is asked.</summary>
    /// <exception cref="CommandException">Its folder is not there, or something else than a file is (the texts of moby's atomicwriter).</exception>
    public static void CheckFile(string path)
    {
        string folder = LocalPath.Folder(path);
        if (folder is not ("." or "..") && !(FileStatus.TryGet(folder, followLink: true, out FileStatus above) && above.Type == FileType.Directory))
        {
            throw new CommandException($"invalid output path: stat {folder}: {(Path.Exists(folder) ? "not a directory" : "no such file or directory")}");
        }

        if (FileStatus.TryGet(path, followLink: false, out FileStatus status) && Refusal(status.Type) is { } what)
        {
            throw new CommandException($"cannot write to {what}");
        }
    }

    private static string? Refusal(FileType type) => type switch
    {
        FileType.Directory => "a directory",
        FileType.SymbolicLink => "a symbolic link directly",
        FileType.Fifo => "a named pipe (FIFO)",
        FileType.Socket => "a socket",
        FileType.CharacterDevice => "a character device file",
        FileType.BlockDevice => "a block device file",
        _ => null,
    };

    /// <summary>Checks a path that files are to be copied to, before the daemon is asked: its folder must be there, and what is there already must be a file or a folder.</summary>
    /// <exception cref="CommandException">It is not (Docker's texts).</exception>
    public static void Check(string path)
    {
        string folder = Path.GetDirectoryName(LocalPath.Clean(path)) ?? "";
        if (folder.Length > 0 && !Directory.Exists(folder))
        {
            throw new CommandException($"invalid output path: directory \"{folder}\" does not exist");
        }

        if (FileStatus.TryGet(path, followLink: true, out FileStatus status)
            && status.Type is not (FileType.Regular or FileType.Directory))
        {
            string reason = status.Type is FileType.CharacterDevice or FileType.BlockDevice ? "got a device" : "got an irregular file";
            throw new CommandException($"invalid output path: \"{path}\" must be a directory or a regular file: {reason}");
        }
    }
}
