using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux;
using Tare.Linux.Files;

namespace Tare.Cli.Archives;

/// <summary>One end of a copy: what moby's archive.CopyInfo holds.</summary>
/// <param name="Path">Its path; one that ends with <c>/.</c> means a directory's content.</param>
/// <param name="Exists">Whether something is there.</param>
/// <param name="IsDirectory">Whether that is a directory.</param>
/// <param name="RebaseName">The name that it was asked for by, where a link changed it; empty for none.</param>
internal sealed record CopyPlace(string Path, bool Exists, bool IsDirectory, string RebaseName = "")
{
    private const int MostLinks = 40;

    /// <summary>A local source.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="followLink">Whether a link at its end is followed.</param>
    /// <exception cref="CommandException">There is nothing.</exception>
    public static CopyPlace Source(string path, bool followLink)
    {
        string resolved;
        string rebase = "";
        if (followLink)
        {
            (resolved, rebase) = Rebase(path, Resolve(path));
        }
        else
        {
            int slash = path.LastIndexOf('/') + 1;
            resolved = Resolve(path[..slash]).TrimEnd('/') + "/" + path[slash..];
            if (path.EndsWith('/') && LocalPath.Base(path) != LocalPath.Base(resolved))
            {
                rebase = LocalPath.Base(path);
            }
        }

        return FileStatus.TryGet(resolved, followLink: false, out FileStatus status)
            ? new CopyPlace(resolved, true, status.Type == FileType.Directory, rebase)
            : throw NotThere("lstat", resolved);
    }

    /// <summary>A local destination: links are followed as far as they lead.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="CommandException">Its folder is not there.</exception>
    public static CopyPlace Destination(string path)
    {
        string place = path;
        for (int i = 0; FileStatus.TryGet(place, followLink: false, out FileStatus status); i++)
        {
            if (status.Type != FileType.SymbolicLink)
            {
                return new CopyPlace(place, true, status.Type == FileType.Directory);
            }

            if (i == MostLinks)
            {
                throw new CommandException($"symbolic link loop at \"{path}\"");
            }

            string target = new FileInfo(place.TrimEnd('/')).LinkTarget!;
            place = target.StartsWith('/') ? target : LocalPath.Join(LocalPath.Split(place).Folder, target);
        }

        string folder = LocalPath.Split(place).Folder;
        return !FileStatus.TryGet(folder, followLink: true, out FileStatus above) ? throw NotThere("lstat", folder)
            : above.Type == FileType.Directory ? new CopyPlace(place, false, false) : throw new CommandException("not a directory");
    }

    /// <summary>Reads what the daemon tells about a file: its mode as Go writes it, and where it leads as a link.</summary>
    public static (uint Mode, string LinkTarget) ReadStat(string header)
    {
        using JsonDocument stat = JsonDocument.Parse(Convert.FromBase64String(header));
        return ((uint)stat.RootElement.Number("mode"), stat.RootElement.Text("linkTarget"));
    }

    /// <summary>Keeps the end of the path that was asked for, and the name, where resolving links changed it (moby's GetRebaseName).</summary>
    public static (string Path, string RebaseName) Rebase(string path, string resolved)
    {
        string kept = LocalPath.KeepEnd(resolved, path);
        return (kept, LocalPath.Base(path) != LocalPath.Base(kept) ? LocalPath.Base(path) : "");
    }

    private static string Resolve(string path)
    {
        using ConfinedRoot root = ConfinedRoot.Open("/");
        using Microsoft.Win32.SafeHandles.SafeFileHandle? handle = root.TryOpenInside(path, Linux.Interop.Libc.O_PATH);
        return handle is null ? throw NotThere("lstat", path) : root.PathOf(handle);
    }

    private static CommandException NotThere(string call, string path) => new($"{call} {path}: {LinuxException.Last(call).Errno.Describe()}");
}
