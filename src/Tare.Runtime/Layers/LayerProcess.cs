using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Shim.Loop;

namespace Tare.Runtime.Layers;

/// <summary>
/// The loop of a layer's server: requests of the kernel, and those of the engine and the shim over a socket (<see cref="LayerClient"/>). Ends with the mount, which ends with the
/// container: the only reference to it is handed out to whoever asks first.
/// </summary>
internal sealed unsafe class LayerProcess : IDisposable
{
    private const int UnclaimedMilliseconds = 30_000;
    private const int IdleMilliseconds = 500;
    private const int LateMilliseconds = 10_000;
    private const int RequestsAtATime = 256;
    private const int MostRounds = 64;
    private const int DontNeed = 4; // MADV_DONTNEED
    private const nuint PageBytes = 4096;
    private readonly EventLoop _loop = new();
    private readonly SafeFileHandle _device;
    private readonly SafeFileHandle _listener;
    private readonly LayerServer _server;
    private readonly byte* _request = (byte*)NativeMemory.AlignedAlloc(LayerServer.RequestBytes, PageBytes);
    private readonly byte* _reply = (byte*)NativeMemory.AlignedAlloc(LayerServer.ReplyBytes, PageBytes);
    private SafeFileHandle? _mount;
    private bool _isTrimmed;
    private bool _hasEnded;

    /// <summary>Takes over all its parts.</summary>
    public LayerProcess(SafeFileHandle device, SafeFileHandle mount, SafeFileHandle listener, LayerServer server)
    {
        (_device, _mount, _listener, _server) = (device, mount, listener, server);
        _loop.Add(Descriptors.Number(device), Libc.EPOLLIN, _ => ServeSome());
        _loop.Add(Descriptors.Number(listener), Libc.EPOLLIN, _ => Accept());
    }

    /// <summary>Serves until the mount has gone.</summary>
    public void Run()
    {
        while (!_hasEnded)
        {
            bool hasLate = _server.SettleLate();
            if (_loop.RunOnce(_mount is not null ? UnclaimedMilliseconds : !_isTrimmed ? IdleMilliseconds : hasLate ? LateMilliseconds : -1))
            {
                _isTrimmed = false;
            }
            else if (_isTrimmed)
            {
                continue;
            }
            else if (_mount is not null)
            {
                // Who started this has gone.
                _mount.Dispose();
                _mount = null;
            }
            else
            {
                Trim();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Dispose();
        _mount?.Dispose();
        _device.Dispose();
        _listener.Dispose();
        _server.Dispose();
        NativeMemory.AlignedFree(_request);
        NativeMemory.AlignedFree(_reply);
    }

    // Returns false when some may be left.
    private bool ServeSome()
    {
        int device = Descriptors.Number(_device);
        for (int i = 0; i < RequestsAtATime; i++)
        {
            nint length = Libc.read(device, _request, LayerServer.RequestBytes);
            if (length < 0)
            {
                // ENOENT: the request was taken back before it could be read (fuse(4)).
                Errno errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno is Errno.EINTR or Errno.ENOENT)
                {
                    continue;
                }

                _hasEnded = errno != Errno.EAGAIN;
                return true;
            }

            int answer = _server.Answer(_request, (int)length, _reply);
            if (answer > 0)
            {
                // What nobody waits for any more is refused with ENOENT.
                _ = Libc.write(device, _reply, (nuint)answer);
            }
        }

        return false;
    }

    private void Accept()
    {
        int fd = Libc.accept4(Descriptors.Number(_listener), null, null, Libc.SOCK_CLOEXEC);
        if (fd < 0)
        {
            return;
        }

        using SafeFileHandle client = new(fd, ownsHandle: true);
        Span<byte> line = stackalloc byte[64];
        int length = Descriptors.Read(fd, line);
        if (length > 0)
        {
            Answer(client, Encoding.ASCII.GetString(line[..length]));
        }
    }

    private void Answer(SafeFileHandle client, string line)
    {
        if (line == LayerClient.MountRequest && _mount is { } mount)
        {
            _mount = null;
            using (mount)
            {
                DescriptorPassing.Send(client, mount, LayerClient.Done);
            }

            return;
        }

        string answer = "error: unknown request";
        if (line == LayerClient.SyncRequest)
        {
            // More than the kernel has in its queue; a container that goes on writing is not waited for.
            for (int i = 0; i < MostRounds && !ServeSome(); i++)
            {
            }

            answer = LayerClient.Done;
        }
        else if (line.StartsWith(LayerClient.LimitRequest, StringComparison.Ordinal)
            && long.TryParse(line.AsSpan(LayerClient.LimitRequest.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long limit))
        {
            _server.Account.Limit = limit;
            answer = LayerClient.Done;
        }

        _ = Descriptors.Send(Descriptors.Number(client), Encoding.UTF8.GetBytes(answer));
    }

    private void Trim()
    {
        _isTrimmed = true;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = Libc.Syscall(Syscalls.Madvise, (nint)_request, LayerServer.RequestBytes, DontNeed);
        _ = Libc.Syscall(Syscalls.Madvise, (nint)_reply, LayerServer.ReplyBytes, DontNeed);
        ResidentMemory.ReleaseUnchangedFilePages();
    }
}
