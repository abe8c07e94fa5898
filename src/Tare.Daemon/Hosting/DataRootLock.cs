using System.Globalization;
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
        FileStream file;
        try
        {
            // FileShare.None is LOCK_EX of flock(2) in .NET on Unix.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new OptionException($"data root \"{dataRoot}\" is in use by another tared{Holder(path)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"lock data root \"{dataRoot}\": {e.Message}", e);
        }

        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return new DataRootLock(file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static string Holder(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using StreamReader reader = new(file);
            return reader.ReadToEnd().Trim() is { Length: > 0 } pid ? $" (process {pid})" : "";
        }
        catch (IOException)
        {
            // The holder's number only helps; the refusal stands without it.
            return "";
        }
    }
}
