using System.Runtime.InteropServices;
using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>
/// Nodes by descriptors (O_PATH), one for each that the kernel knows: for file systems without handles, and without privileges. So many nodes as this process may have
/// descriptors can be known at a time; more are refused with ENFILE.
/// </summary>
/// <param name="root">An open directory of it, which stays the caller's.</param>
/// <param name="links">Where links to this process's descriptors are: <c>/proc/self/fd/</c>, or nothing in that directory.</param>
internal sealed unsafe class DescriptorNodes(int root, DescriptorLinks links) : INodes
{
    private readonly Dictionary<ulong, Known> _known = [];
    private readonly Dictionary<(ulong Device, ulong Inode), ulong> _numbers = [];
    private ulong _last = FuseFlags.RootNode;

    /// <inheritdoc/>
    public bool ArePermanent => false;

    /// <inheritdoc/>
    public int Open(ulong node, int flags)
    {
        int fd = node == FuseFlags.RootNode ? root : _known.TryGetValue(node, out Known known) ? known.Descriptor : -1;
        return fd < 0 ? -(int)Errno.ESTALE : links.Reopen(fd, flags);
    }

    /// <inheritdoc/>
    public int Remember(int fd, byte* name, out ulong node)
    {
        node = 0;
        byte empty = 0;
        int held = name is null ? Libc.fcntl(fd, Libc.F_DUPFD_CLOEXEC, 0) : Libc.openat(fd, name, Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        if (held < 0)
        {
            return -Marshal.GetLastPInvokeError();
        }

        Libc.statx_t status;
        if (Libc.statx(held, &empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            _ = Libc.close(held);
            return -errno;
        }

        (ulong, ulong) key = KeyOf(in status);
        if (_numbers.TryGetValue(key, out node))
        {
            _ = Libc.close(held);
            _known[node] = _known[node] with { Times = _known[node].Times + 1 };
            return 0;
        }

        node = ++_last;
        _numbers.Add(key, node);
        _known.Add(node, new Known(held, key, 1));
        return 0;
    }

    /// <inheritdoc/>
    public ulong Find(int fd)
    {
        byte empty = 0;
        Libc.statx_t status;
        return Libc.statx(fd, &empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) == 0 ? _numbers.GetValueOrDefault(KeyOf(in status)) : 0;
    }

    /// <inheritdoc/>
    public void Forget(ulong node, ulong times)
    {
        if (!_known.TryGetValue(node, out Known known))
        {
            return;
        }

        if (known.Times > times)
        {
            _known[node] = known with { Times = known.Times - times };
            return;
        }

        _ = _known.Remove(node);
        _ = _numbers.Remove(known.Key);
        _ = Libc.close(known.Descriptor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Known known in _known.Values)
        {
            _ = Libc.close(known.Descriptor);
        }

        _known.Clear();
        _numbers.Clear();
    }

    private static (ulong Device, ulong Inode) KeyOf(in Libc.statx_t status) => (((ulong)status.stx_dev_major << 32) | status.stx_dev_minor, status.stx_ino);

    private readonly record struct Known(int Descriptor, (ulong, ulong) Key, ulong Times);
}
