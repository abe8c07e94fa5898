namespace Tare.Cli.Containers;

/// <summary>The file of <c>--cidfile</c>. It is made before the container, so that a place that cannot be written makes no container; without an ID it goes again.</summary>
internal sealed class IdFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private bool _written;

    private IdFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Makes the file.</summary>
    /// <exception cref="CreationException">It is there already, or cannot be made.</exception>
    public static IdFile Create(string path)
    {
        try
        {
            return new IdFile(path, new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        }
        catch (IOException failure) when (Path.Exists(path))
        {
            throw new CreationException($"container ID file found, make sure the other container isn't running or delete {path}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            string reason = failure switch
            {
                DirectoryNotFoundException => "no such file or directory",
                UnauthorizedAccessException => "permission denied",
                _ => failure.Message,
            };
            throw new CreationException($"failed to create the container ID file: open {path}: {reason}", failure);
        }
    }

    /// <summary>Writes the ID.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(string id)
    {
        _file.Write(System.Text.Encoding.ASCII.GetBytes(id));
        _written = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (!_written)
        {
            File.Delete(_path);
        }
    }
}
