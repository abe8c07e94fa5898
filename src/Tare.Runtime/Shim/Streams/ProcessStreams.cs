using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Runtime.Containers;
using Tare.Runtime.Shim.Logs;
using Tare.Runtime.Shim.Loop;

namespace Tare.Runtime.Shim.Streams;

/// <summary>
/// The standard streams of one process: output goes to the log and to every attached client, input comes from the clients.
/// <code>
/// pipe or pty --> OutputSource --> log
///                             \--> client: frames of 8 bytes header (1 or 2, 0, 0, 0, length big-endian) + bytes; a terminal's bytes as they are
/// client --> queue --> pipe or pty
/// </code>
/// A client with more than <see cref="MostPending"/> bytes outstanding stops the reading of output, and so the process, until it has taken half of them.
/// </summary>
internal sealed class ProcessStreams : IDisposable
{
    /// <summary>Bytes that may wait for one client, or for the process's input.</summary>
    public const int MostPending = 256 << 10;

    private const int HeaderSize = 8;
    private const int ChunkSize = 32 << 10;

    // One buffer for all: the shim has one thread, and a chunk is handed on before the next is read. The frame's header goes before it.
    private static readonly byte[] s_chunk = new byte[HeaderSize + ChunkSize];

    private readonly EventLoop _loop;
    private readonly LogFileWriter? _log;
    private readonly bool _isTerminal;
    private readonly bool _endInputWithClient;
    private readonly List<OutputSource> _sources = [];
    private readonly List<IAttachment> _clients = [];
    private readonly ByteQueue _input = new();
    private SafeFileHandle? _inputHandle;
    private bool _inputEnding;
    private bool _paused;

    private ProcessStreams(EventLoop loop, LogFileWriter? log, bool isTerminal, bool endInputWithClient)
    {
        _loop = loop;
        _log = log;
        _isTerminal = isTerminal;
        _endInputWithClient = endInputWithClient;
    }

    /// <summary>The terminal's master; null without a terminal.</summary>
    public SafeFileHandle? Terminal => _isTerminal && _sources.Count > 0 ? _sources[0].Handle : null;

    /// <summary>Whether output may still come.</summary>
    public bool IsOpen => _sources.Exists(s => s.IsOpen);

    /// <summary>Makes pipes. The child's ends are in <paramref name="child"/>, which the caller closes when the child has them.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="log">Receives all output; null logs nothing. Not owned.</param>
    /// <param name="withInput">Gives the process a pipe as input, else /dev/null.</param>
    /// <param name="endInputWithClient">The first client whose input ends closes the process's input.</param>
    /// <param name="child">The child's ends.</param>
    public static ProcessStreams WithPipes(EventLoop loop, LogFileWriter? log, bool withInput, bool endInputWithClient, out StandardStreams child)
    {
        ProcessStreams streams = new(loop, log, isTerminal: false, endInputWithClient);
        SafeFileHandle input;
        if (withInput)
        {
            DescriptorPair pipe = DescriptorPair.Pipe();
            input = pipe.First;
            streams.TakeInput(pipe.Second);
        }
        else
        {
            input = Descriptors.OpenNull();
        }

        DescriptorPair output = DescriptorPair.Pipe();
        DescriptorPair error = DescriptorPair.Pipe();
        streams.TakeOutput(new OutputSource(output.First, isError: false));
        streams.TakeOutput(new OutputSource(error.First, isError: true));
        child = new StandardStreams(input, output.Second, error.Second);
        return streams;
    }

    /// <summary>Takes a terminal, whose master it closes at the end.</summary>
    public static ProcessStreams WithTerminal(EventLoop loop, LogFileWriter? log, SafeFileHandle master)
    {
        ProcessStreams streams = new(loop, log, isTerminal: true, endInputWithClient: false);
        streams.TakeOutput(new OutputSource(master, isError: false));
        streams._inputHandle = master;
        return streams;
    }

    /// <summary>Adds a client.</summary>
    public void Attach(IAttachment client)
    {
        _clients.Add(client);
        client.AllowInput(_input.Count < MostPending);
    }

    /// <summary>Removes a client that is gone. Where input ends with its client, it ends here.</summary>
    /// <param name="client">The client.</param>
    /// <param name="gaveInput">Whether input was to come from it.</param>
    public void Detach(IAttachment client, bool gaveInput)
    {
        _ = _clients.Remove(client);
        if (gaveInput)
        {
            EndInput();
        }

        ResumeIfTaken();
    }

    /// <summary>Passes a client's bytes to the process. Bytes for a process without input are dropped.</summary>
    public void Input(ReadOnlySpan<byte> bytes)
    {
        if (_inputHandle is null || _inputEnding)
        {
            return;
        }

        if (_input.Count == 0)
        {
            int written = Descriptors.Write(Descriptors.Number(_inputHandle), bytes);
            if (written == Descriptors.Gone)
            {
                CloseInput();
                return;
            }

            bytes = bytes[Math.Max(written, 0)..];
        }

        if (!bytes.IsEmpty)
        {
            _input.Append(bytes);
            WatchInput();
            if (_input.Count >= MostPending)
            {
                _clients.ForEach(c => c.AllowInput(false));
            }
        }
    }

    /// <summary>A client sends no more: ends the process's input where that depends on the client.</summary>
    public void EndInput()
    {
        if (!_endInputWithClient || _inputHandle is null)
        {
            return;
        }

        _inputEnding = true;
        if (_input.Count == 0)
        {
            CloseInput();
        }
    }

    /// <summary>To be called when a client has taken bytes.</summary>
    public void ResumeIfTaken()
    {
        if (!_paused || _clients.Exists(c => c.Pending > MostPending / 2))
        {
            return;
        }

        _paused = false;
        foreach (OutputSource source in _sources)
        {
            if (source.IsOpen)
            {
                _loop.Change(Descriptors.Number(source.Handle), EventsOf(source));
            }
        }
    }

    /// <summary>The process has ended: takes what its pipes hold, whoever else may have them open, then tells the clients that the output is over.</summary>
    public void Finish()
    {
        foreach (OutputSource source in _sources)
        {
            while (source.IsOpen && ReadOnce(source))
            {
            }

            Close(source);
        }

        CloseInput();
        while (_clients.Count > 0)
        {
            IAttachment client = _clients[^1];
            _clients.RemoveAt(_clients.Count - 1);
            client.Finish();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseInput();
        _sources.ForEach(Close);
    }

    private void TakeInput(SafeFileHandle handle)
    {
        Descriptors.SetNonBlocking(handle);
        _inputHandle = handle;
    }

    private void TakeOutput(OutputSource source)
    {
        Descriptors.SetNonBlocking(source.Handle);
        _sources.Add(source);
        _loop.Add(Descriptors.Number(source.Handle), Libc.EPOLLIN, events => OnReady(source, events));
    }

    private void OnReady(OutputSource source, uint events)
    {
        if ((events & Libc.EPOLLOUT) != 0 && _isTerminal)
        {
            FlushInput();
        }

        if ((events & ~Libc.EPOLLOUT) != 0 && source.IsOpen)
        {
            _ = ReadOnce(source);
        }
    }

    // Returns false when nothing is left to read now.
    private bool ReadOnce(OutputSource source)
    {
        int count = Descriptors.Read(Descriptors.Number(source.Handle), s_chunk.AsSpan(HeaderSize));
        if (count == Descriptors.WouldBlock)
        {
            return false;
        }

        if (count <= 0)
        {
            Close(source);
            return false;
        }

        Distribute(source, count);
        return true;
    }

    private void Distribute(OutputSource source, int count)
    {
        _log?.Write(s_chunk.AsSpan(HeaderSize, count), source.IsError);
        s_chunk.AsSpan(0, HeaderSize).Clear();
        s_chunk[0] = source.IsError ? (byte)2 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(s_chunk.AsSpan(4), count);
        ReadOnlySpan<byte> bytes = _isTerminal ? s_chunk.AsSpan(HeaderSize, count) : s_chunk.AsSpan(0, HeaderSize + count);
        bool full = false;

        // Sending may find a client gone, which removes it from the list.
        for (int i = _clients.Count - 1; i >= 0; i--)
        {
            IAttachment client = _clients[i];
            if (source.IsError ? client.WantsError : client.WantsOutput)
            {
                client.Send(bytes);
                full |= client.Pending > MostPending;
            }
        }

        if (full && !_paused)
        {
            _paused = true;
            _sources.FindAll(s => s.IsOpen).ForEach(s => _loop.Pause(Descriptors.Number(s.Handle)));
        }
    }

    private void Close(OutputSource source)
    {
        if (!source.IsOpen)
        {
            return;
        }

        source.IsOpen = false;
        _log?.End(source.IsError);
        _loop.Forget(Descriptors.Number(source.Handle));
        if (_isTerminal)
        {
            _inputHandle = null;
            _input.Clear();
        }

        source.Handle.Dispose();
    }

    private void WatchInput()
    {
        int fd = Descriptors.Number(_inputHandle!);
        if (_isTerminal)
        {
            if (!_paused)
            {
                _loop.Change(fd, EventsOf(_sources[0]));
            }
        }
        else if (_input.Count > 0)
        {
            // Watched only while bytes wait: a pipe without a reader would report that for ever.
            _loop.Forget(fd);
            _loop.Add(fd, Libc.EPOLLOUT, _ => FlushInput());
        }
    }

    private uint EventsOf(OutputSource source) => Libc.EPOLLIN | (_isTerminal && !source.IsError && _input.Count > 0 ? Libc.EPOLLOUT : 0);

    private void FlushInput()
    {
        if (_inputHandle is null)
        {
            return;
        }

        int written = Descriptors.Write(Descriptors.Number(_inputHandle), _input.Bytes);
        if (written == Descriptors.Gone)
        {
            CloseInput();
            return;
        }

        _input.Drop(Math.Max(written, 0));
        if (_input.Count < MostPending / 2)
        {
            _clients.ForEach(c => c.AllowInput(true));
        }

        if (_input.Count > 0)
        {
            return;
        }

        if (_isTerminal)
        {
            WatchInput();
        }
        else if (_inputEnding)
        {
            CloseInput();
        }
        else
        {
            _loop.Forget(Descriptors.Number(_inputHandle));
        }
    }

    private void CloseInput()
    {
        if (_inputHandle is null)
        {
            return;
        }

        _input.Clear();
        if (!_isTerminal)
        {
            _loop.Forget(Descriptors.Number(_inputHandle));
            _inputHandle.Dispose();
        }

        _inputHandle = null;
        _clients.ForEach(c => c.AllowInput(true));
    }
}
