using Tare.Linux.Files;

namespace Tare.Linux.Mounts;

/// <summary>
/// Open folders, with names of some 16 characters in place of their paths (<c>/proc/self/fd/N</c>, proc_pid_fd(5)): for mount(2), whose options are a page long at most. The names are
/// good in this process as long as this object lives, and in children that have its descriptors; overlayfs takes folders of the caller's own mount namespace alone.
/// </summary>
public sealed class FolderDescriptors : IDisposable
{
    private readonly Dictionary<string, ConfinedRoot> _folders = [];

    private FolderDescriptors()
    {
    }

    /// <summary>Opens folders.</summary>
    /// <param name="paths">Their paths; one may be there more than once.</param>
    /// <exception cref="LinuxException">ENOENT, ENOTDIR…: one is no folder. EMFILE: more than this process may open.</exception>
    public static FolderDescriptors Open(IEnumerable<string> paths)
    {
        FolderDescriptors opened = new();
        try
        {
            foreach (string path in paths)
            {
                if (!opened._folders.ContainsKey(path))
                {
                    opened._folders.Add(path, ConfinedRoot.Open(path));
                }
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The folders: paths, and the numbers of their descriptors.</summary>
    public IEnumerable<(string Path, int Number)> Numbers => _folders.Select(static folder => (folder.Key, (int)folder.Value.Handle.DangerousGetHandle()));

    /// <summary>The short name of a folder that was opened.</summary>
    /// <exception cref="KeyNotFoundException">It was not.</exception>
    public string NameOf(string path) => $"/proc/self/fd/{_folders[path].Handle.DangerousGetHandle()}";

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ConfinedRoot folder in _folders.Values)
        {
            folder.Dispose();
        }
    }
}
