using Tare.Cli.CommandLine;

namespace Tare.Cli.Archives;

/// <summary>Where an archive is unpacked, and what its first component is replaced by: moby's archive.PrepareArchiveCopy.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="Rebase">The name that is looked for and the new one; null when entries keep their names.</param>
internal sealed record CopyPlan(string Directory, (string Old, string New)? Rebase)
{
    /// <summary>Decides.</summary>
    /// <exception cref="CommandException">A directory cannot become a file, nor a file a directory (Docker's texts).</exception>
    public static CopyPlan Make(CopyPlace source, CopyPlace destination)
    {
        (string folder, string name) = LocalPath.Split(destination.Path);
        string old = LocalPath.Split(source.Path).Name;
        if (destination is { Exists: true, IsDirectory: true })
        {
            return new CopyPlan(destination.Path, null);
        }

        if (destination.Exists && source.IsDirectory)
        {
            throw new CommandException("cannot copy directory");
        }

        if (!destination.Exists && !source.IsDirectory && LocalPath.MeansDirectory(destination.Path))
        {
            throw new CommandException("no such directory");
        }

        return new CopyPlan(folder, (source.RebaseName.Length > 0 ? source.RebaseName : old, name));
    }
}
