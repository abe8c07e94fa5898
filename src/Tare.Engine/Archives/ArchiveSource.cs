using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Linux;
using Tare.Storage.Tar;

namespace Tare.Engine.Archives;

/// <summary>Something of a container that is open and can be written as a tar archive once. Disposing lets go of it.</summary>
public sealed class ArchiveSource : IDisposable
{
    private readonly Action<Stream, CancellationToken> _write;
    private readonly Action _release;
    private bool _released;

    internal ArchiveSource(PathStat? stat, Action<Stream, CancellationToken> write, Action release)
    {
        Stat = stat;
        _write = write;
        _release = release;
    }

    /// <summary>What it is; null for a whole root file system.</summary>
    public PathStat? Stat { get; }

    /// <summary>Writes the archive.</summary>
    /// <exception cref="EngineException">Something in it cannot be read.</exception>
    /// <param name="output">Gets it, in large pieces: by asynchronous writes, or by blocking ones where it is an <see cref="IFileOutput"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WriteToAsync(Stream output, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                _write(output is IFileOutput ? output : new BlockingWriteStream(output, cancellationToken), cancellationToken);
            }
            catch (LinuxException e)
            {
                throw new EngineException(ErrorClass.Internal, e.Message, e);
            }
        },
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_released)
        {
            _released = true;
            _release();
        }
    }
}
