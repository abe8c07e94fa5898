using Tare.Linux;
using Tare.Linux.Interop;

namespace Tare.Runtime.Shim.Loop;

/// <summary>
/// An epoll loop on the calling thread. Handlers run one after the other and may watch, change and forget any descriptor, the one they were
/// called for included. Does not own descriptors: forget one before it is closed.
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int BatchSize = 16;

    private readonly int _epoll;
    private readonly Dictionary<int, Watch> _watches = [];
    private readonly byte[] _batch = new byte[BatchSize * 16];
    private int _generation;

    public EventLoop()
    {
        _epoll = Libc.epoll_create1(Libc.O_CLOEXEC);
        if (_epoll < 0)
        {
            throw LinuxException.Last("epoll_create1");
        }
    }

    /// <summary>Calls a handler, with the EPOLL* bits that came, whenever one of the events is pending. EPOLLERR and EPOLLHUP are reported in any case.</summary>
    public void Add(int fd, uint events, Action<uint> handler)
    {
        Watch watch = new(++_generation, handler) { Events = events };
        _watches.Add(fd, watch);
        Control(Libc.EPOLL_CTL_ADD, fd, watch);
        watch.Active = true;
    }

    /// <summary>Sets the events to wait for. Resumes a paused descriptor.</summary>
    public void Change(int fd, uint events)
    {
        Watch watch = _watches[fd];
        if (watch.Active && watch.Events == events)
        {
            return;
        }

        watch.Events = events;
        Control(watch.Active ? Libc.EPOLL_CTL_MOD : Libc.EPOLL_CTL_ADD, fd, watch);
        watch.Active = true;
    }

    /// <summary>Reports nothing, EPOLLHUP included, until <see cref="Change"/>: a source that must not be read has hung up as soon as its writer is gone.</summary>
    public void Pause(int fd)
    {
        Watch watch = _watches[fd];
        if (watch.Active)
        {
            watch.Active = false;
            _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, fd, null);
        }
    }

    /// <summary>Watches a descriptor no more.</summary>
    public void Forget(int fd)
    {
        if (_watches.Remove(fd, out Watch? watch) && watch.Active)
        {
            _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, fd, null);
        }
    }

    /// <summary>Waits for events and runs their handlers.</summary>
    /// <param name="timeoutMilliseconds">How long to wait; -1 for ever.</param>
    /// <returns>False when the time passed without an event.</returns>
    public bool RunOnce(int timeoutMilliseconds)
    {
        int size = Libc.EpollEventSize;
        fixed (byte* batch = _batch)
        {
            int count = Libc.epoll_wait(_epoll, batch, BatchSize, timeoutMilliseconds);
            for (int i = 0; i < count; i++)
            {
                byte* occurrence = batch + (i * size);
                int fd = *(int*)(occurrence + Libc.EpollDataOffset);
                int generation = *(int*)(occurrence + Libc.EpollDataOffset + 4);

                // An earlier handler of this batch may have closed the descriptor, and another may have its number now.
                if (_watches.TryGetValue(fd, out Watch? watch) && watch.Generation == generation && watch.Active)
                {
                    watch.Handler(*(uint*)occurrence);
                }
            }

            return count != 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.close(_epoll);

    private void Control(int operation, int fd, Watch watch)
    {
        byte* occurrence = stackalloc byte[16];
        *(uint*)occurrence = watch.Events;
        *(int*)(occurrence + Libc.EpollDataOffset) = fd;
        *(int*)(occurrence + Libc.EpollDataOffset + 4) = watch.Generation;
        if (Libc.epoll_ctl(_epoll, operation, fd, occurrence) != 0)
        {
            throw LinuxException.Last("epoll_ctl");
        }
    }

    private sealed class Watch(int generation, Action<uint> handler)
    {
        public int Generation { get; } = generation;

        public Action<uint> Handler { get; } = handler;

        public uint Events { get; set; }

        public bool Active { get; set; }
    }
}
