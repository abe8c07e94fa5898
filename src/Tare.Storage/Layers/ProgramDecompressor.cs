using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Processes;
using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>
/// Undoes a compression by the machine's own program for it (xz, bzip2), which reads from one pipe and writes to another. A task of its own feeds it. Disposing ends the
/// program, whether or not everything was read, and closes the source.
/// </summary>
internal sealed class ProgramDecompressor : ForwardStream
{
    private const int BufferSize = 128 * 1024;
    private const int KillSignal = 9;
    private static readonly string[] s_folders = ["/usr/bin", "/bin", "/usr/local/bin"];

    private readonly string _program;
    private readonly Stream _source;
    private readonly SpawnedProcess _process;
    private readonly FileStream _output;
    private readonly Task _feeding;
    private readonly CancellationTokenSource _stop = new();
    private bool _ended;

    /// <summary>Starts the program.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="source">The compressed archive; owned from here on.</param>
    /// <exception cref="StorageException">It is not installed.</exception>
    public ProgramDecompressor(string program, Stream source)
    {
        string path = Array.Find([.. s_folders.Select(folder => Path.Combine(folder, program))], File.Exists)
            ?? throw new StorageException(StorageErrorKind.Refused, $"the archive is compressed with {program}, which is not installed on this machine; hint: apt-get install {(program == "xz" ? "xz-utils" : program)}");
        _program = program;
        _source = source;
        using DescriptorPair input = DescriptorPair.Pipe();
        using DescriptorPair output = DescriptorPair.Pipe();
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        _process = ProcessLauncher.Spawn(new SpawnRequest { Path = path, Arguments = [program, "-dc"], Descriptors = [input.First, output.Second, nothing] });
        _output = new FileStream(Keep(output.First), FileAccess.Read, bufferSize: 0);
        FileStream feed = new(Keep(input.Second), FileAccess.Write, bufferSize: 0);
        _feeding = Task.Factory.StartNew(() => Feed(feed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = _output.Read(buffer);
        if (read == 0 && !buffer.IsEmpty && !_ended)
        {
            _ended = true;
            _feeding.GetAwaiter().GetResult();
            if (ChildReaper.Wait(_process.PidFd) is not { Code: 0, Signal: 0 })
            {
                throw new InvalidDataException($"{_program} could not read it");
            }
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
            if (!_ended)
            {
                _ended = true;
                _process.PidFd.TrySendSignal(KillSignal);
                _ = ChildReaper.Wait(_process.PidFd);
            }

            _output.Dispose();
            _process.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    // The pair closes its own descriptors: a copy lives on.
    private static SafeFileHandle Keep(SafeFileHandle handle)
    {
        int copy = Linux.Interop.Libc.fcntl((int)handle.DangerousGetHandle(), Linux.Interop.Libc.F_DUPFD_CLOEXEC, 0);
        return copy >= 0 ? new SafeFileHandle(copy, ownsHandle: true) : throw LinuxException.Last("fcntl");
    }

    private void Feed(FileStream feed)
    {
        using (feed)
        {
            byte[] buffer = new byte[BufferSize];
            while (!_stop.IsCancellationRequested && _source.Read(buffer) is > 0 and int count)
            {
                try
                {
                    feed.Write(buffer, 0, count);
                }
                catch (IOException failure) when ((Errno)failure.HResult == Errno.EPIPE)
                {
                    return; // it has ended; its exit status says why
                }
            }
        }
    }
}
