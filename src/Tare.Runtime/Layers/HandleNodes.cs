using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>
/// Nodes by the handles of the file system: no descriptor is held for a node, however many the kernel knows. Where a handle is as short as ext4's, it is the number itself, and
/// nothing is remembered at all. Needs CAP_DAC_READ_SEARCH.
/// </summary>
internal sealed unsafe class HandleNodes : INodes
{
    private const int InodeAndGeneration = 1; // FILEID_INO32_GEN, include/linux/exportfs.h
    private readonly int _root;
    private readonly bool _packs;
    private readonly Dictionary<ulong, Known> _known = [];
    private readonly Dictionary<NodeHandle, ulong> _numbers = [];
    private ulong _last = FuseFlags.RootNode;

    /// <summary>Serves a tree.</summary>
    /// <param name="root">An open directory of it that can be read, which stays the caller's.</param>
    /// <exception cref="LinuxException">EOPNOTSUPP: the file system has no handles. EPERM: they cannot be opened.</exception>
    public HandleNodes(int root)
    {
        _root = root;
        int result = NodeHandle.Read(root, null, out NodeHandle own);
        if (result < 0)
        {
            throw new LinuxException((Errno)(-result), "name_to_handle_at");
        }

        int probe = own.Open(root, Libc.O_PATH);
        if (probe < 0)
        {
            throw new LinuxException((Errno)(-probe), "open_by_handle_at");
        }

        _ = Libc.close(probe);
        _packs = own is { Size: 8, Type: InodeAndGeneration };
    }

    /// <inheritdoc/>
    public bool ArePermanent => _packs;

    /// <inheritdoc/>
    public int Open(ulong node, int flags)
    {
        if (node == FuseFlags.RootNode)
        {
            byte* here = stackalloc byte[] { (byte)'.', 0 };
            int fd = Libc.openat(_root, here, flags | Libc.O_CLOEXEC, 0);
            return fd >= 0 ? fd : -System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        }

        return _packs ? new NodeHandle(8, InodeAndGeneration, node, 0, 0).Open(_root, flags)
            : _known.TryGetValue(node, out Known known) ? known.Handle.Open(_root, flags)
            : -(int)Errno.ESTALE;
    }

    /// <inheritdoc/>
    public int Remember(int fd, byte* name, out ulong node)
    {
        node = 0;
        int result = NodeHandle.Read(fd, name, out NodeHandle handle);
        if (result < 0)
        {
            return result;
        }

        if (_packs)
        {
            node = handle is { Size: 8, Type: InodeAndGeneration } ? handle.First : 0;
            return node > FuseFlags.RootNode ? 0 : -(int)Errno.EOVERFLOW;
        }

        if (!_numbers.TryGetValue(handle, out node))
        {
            node = ++_last;
            _numbers.Add(handle, node);
        }

        ulong times = _known.TryGetValue(node, out Known known) ? known.Times : 0;
        _known[node] = new Known(handle, times + 1);
        return 0;
    }

    /// <inheritdoc/>
    public ulong Find(int fd)
        => NodeHandle.Read(fd, null, out NodeHandle handle) < 0 ? 0 : _packs ? handle.First : _numbers.GetValueOrDefault(handle);

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
        _ = _numbers.Remove(known.Handle);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _known.Clear();
        _numbers.Clear();
    }

    private readonly record struct Known(NodeHandle Handle, ulong Times);
}
