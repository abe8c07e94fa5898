using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

// What is in the account.
internal sealed unsafe partial class LayerServer
{
    private static long BytesOf(in Libc.statx_t status) => (long)status.stx_blocks * SpaceAccount.BlockBytes;

    private static long BytesOf(int fd)
    {
        Libc.statx_t status;
        return Status(fd, null, &status) == 0 ? BytesOf(in status) : 0;
    }

    /// <summary>Bytes of a node that are in the account: before a change.</summary>
    private long Counted(ulong node, int fd) => _open.TryGetValue(node, out NodeUse? open) ? open.Bytes : BytesOf(fd);

    /// <summary>Notes what a change of a node made of the bytes that were counted before.</summary>
    private void Settle(ulong node, int fd, long before)
    {
        Libc.statx_t status;
        if (Status(fd, null, &status) != 0)
        {
            return;
        }

        long now = BytesOf(in status);
        Account.Add(now - before);
        if ((status.stx_mode & Libc.S_IFMT) == Libc.S_IFREG)
        {
            Account.Add(_late.Note(node, now, now > before, (long)status.stx_size > now + AllocationUnit));
        }

        if (_open.TryGetValue(node, out NodeUse? open))
        {
            open.Bytes = now;
        }
    }

    private void NoteOpened(ulong node, int fd)
    {
        if (!_open.TryGetValue(node, out NodeUse? open))
        {
            open = new NodeUse { Bytes = BytesOf(fd) };
            _open.Add(node, open);
        }

        open.Times++;
    }

    private void NoteClosed(ulong node, int fd)
    {
        if (_open.TryGetValue(node, out NodeUse? open))
        {
            Settle(node, fd, open.Bytes);
            if (--open.Times == 0)
            {
                _ = _open.Remove(node);
            }
        }
    }

    /// <summary>
    /// A name of a file went. Without another one its blocks stay while somebody has it open or knows it otherwise, which the kernel tells by the node's end: until then
    /// a descriptor keeps it.
    /// </summary>
    /// <param name="fd">The file (O_PATH); owned from here on.</param>
    private void NoteUnlinked(int fd)
    {
        Libc.statx_t status;
        if (Status(fd, null, &status) == 0 && status.stx_nlink == 0)
        {
            ulong node = _nodes.Find(fd);
            if (node > FuseFlags.RootNode && _orphans.Count < _mostOrphans && _orphans.TryAdd(node, fd))
            {
                return;
            }

            if (!_orphans.ContainsKey(node))
            {
                Account.Add(-((_late.Take(node) ?? BytesOf(in status)) + SpaceAccount.InodeBytes));
            }
        }

        _ = Libc.close(fd);
    }

    private void EndNode(ulong node, ulong times)
    {
        if (_orphans.Remove(node, out int fd))
        {
            Libc.statx_t status;
            if (Status(fd, null, &status) == 0 && status.stx_nlink == 0)
            {
                Account.Add(-((_late.Take(node) ?? BytesOf(in status)) + SpaceAccount.InodeBytes));
            }

            _ = Libc.close(fd);
        }
        else if (!_nodes.ArePermanent)
        {
            SettleLate(node);
        }

        _nodes.Forget(node, times);
    }

    private int Forget(ref FuseRequest request)
    {
        ulong* times = request.Take<ulong>();
        EndNode(request.Node, *times);
        return NoAnswer;
    }

    private int ForgetSeveral(ref FuseRequest request)
    {
        uint count = request.Take<FuseBatchForgetIn>()->Count;
        for (uint i = 0; i < count; i++)
        {
            FuseForgetOne* one = request.Take<FuseForgetOne>();
            if (request.IsMalformed)
            {
                break;
            }

            EndNode(one->NodeId, one->LookUps);
        }

        return NoAnswer;
    }

    /// <summary>Looks once more at files that the file system has written to the disk since.</summary>
    /// <returns>Whether some are left.</returns>
    public bool SettleLate()
    {
        while (_late.TryNext(out ulong node))
        {
            SettleLate(node);
        }

        return _late.Count > 0;
    }

    private void SettleLate(ulong node)
    {
        int fd = OpenNode(node, Libc.O_PATH);
        if (fd < 0)
        {
            // Its last name went, and it with it: what it had was given back then.
            _ = _late.Take(node);
            return;
        }

        if (_late.Take(node) is { } counted)
        {
            long now = BytesOf(fd);
            Account.Add(now - counted);
            if (_open.TryGetValue(node, out NodeUse? open))
            {
                open.Bytes = now;
            }
        }

        _ = Libc.close(fd);
    }

    private int FileSystemStatus(byte* reply)
    {
        int fd = _nodes.Open(FuseFlags.RootNode, Libc.O_PATH | Libc.O_DIRECTORY);
        if (fd < 0)
        {
            return fd;
        }

        Libc.statvfs_t below;
        int result = Libc.fstatvfs(fd, &below) == 0 ? sizeof(FuseStatFsOut) : LastError();
        _ = Libc.close(fd);
        if (result > 0)
        {
            ulong space = below.f_bavail * below.f_frsize;
            *(FuseStatFsOut*)reply = new FuseStatFsOut
            {
                Blocks = (ulong)Account.Limit / AllocationUnit,
                BFree = Math.Min((ulong)Account.Free, space) / AllocationUnit,
                BAvail = Math.Min((ulong)Account.Available, space) / AllocationUnit,
                Files = below.f_files,
                FFree = below.f_ffree,
                BSize = AllocationUnit,
                NameLen = 255,
                FrSize = AllocationUnit,
            };
        }

        return result;
    }

    /// <summary>Counts the tree: each inode once, and those without a name that are still in use.</summary>
    private long Count()
    {
        foreach ((ulong node, NodeUse open) in _open)
        {
            int fd = OpenNode(node, Libc.O_PATH);
            if (fd >= 0)
            {
                open.Bytes = BytesOf(fd);
                _ = Libc.close(fd);
            }
        }

        foreach (ulong node in _late.Nodes)
        {
            int fd = OpenNode(node, Libc.O_PATH);
            _ = fd < 0 ? _late.Take(node) : _late.Note(node, BytesOf(fd), hasGrown: false, hasHoles: false);
            _ = fd < 0 ? 0 : Libc.close(fd);
        }

        long total = _late.MapBytesInAll;
        foreach (int orphan in _orphans.Values)
        {
            Libc.statx_t status;
            if (Status(orphan, null, &status) == 0 && status.stx_nlink == 0)
            {
                total += BytesOf(in status) + SpaceAccount.InodeBytes;
            }
        }

        int root = _nodes.Open(FuseFlags.RootNode, Libc.O_PATH | Libc.O_DIRECTORY);
        if (root >= 0)
        {
            using TreeCounter counter = new();
            total += counter.Count(root, "upper"u8) + counter.Count(root, "work"u8);
            _ = Libc.close(root);
        }

        return total;
    }
}
