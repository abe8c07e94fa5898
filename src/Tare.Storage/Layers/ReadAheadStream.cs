using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>
/// Reads another stream ahead on a thread of its own, a few buffers far: while one thread decompresses, another hashes and writes files. An error of the other
/// stream comes when what was read before it has been taken. Closing it ends the thread and closes that stream.
/// </summary>
internal sealed class ReadAheadStream : ForwardStream
{
    private readonly Stream _source;
    private readonly Thread _thread;
    private readonly BufferQueue _buffers = new();
    private bool _isClosed;

    /// <summary>Begins to read ahead.</summary>
    public ReadAheadStream(Stream source)
    {
        _source = source;
        _thread = new Thread(Run) { IsBackground = true, Name = "read ahead" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _buffers.Read(buffer);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            _isClosed = true;
            // Wakes the thread where it waits for us. Where it waits for its source, that ends by itself or by its owner.
            _buffers.StopReading();
            _thread.Join();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (_buffers.TakeEmpty() is { } buffer)
            {
                int length = _source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                _buffers.Add(buffer, length);
                if (length < buffer.Length)
                {
                    break;
                }
            }
        }
#pragma warning disable CA1031 // Handed over to the reader, whatever it is: an exception that leaves a thread ends the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }
        finally
        {
            _buffers.Complete(failure);
        }
    }
}
