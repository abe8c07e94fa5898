using Tare.Daemon.Options;

namespace Tare.Daemon.Hosting;

/// <summary>Keeps a second daemon from the same data root, by flock(2) on a file in it: the kernel releases it however the daemon ends.</summary>
internal sealed class DataRootLock : IDisposable
{
    private readonly FileStream _file;

    private DataRootLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="OptionException">Another daemon holds it, or the folder cannot be used.</exception>
    /// <param name="dataRoot">The folder; it exists.</param>
    public static DataRootLock Take(string dataRoot)
    {
        string path = Path.Combine(dataRoot, "tared.lock");
        try
        {
            // FileShare.None is LOCK_EX of flock(2) in .NET on Unix.
            return new DataRootLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new OptionException($"data root \"{dataRoot}\" is in use by another tared", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"lock data root \"{dataRoot}\": {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
