using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

// Names: finding and making.
internal sealed unsafe partial class LayerServer
{
    private const uint SetIdBits = 0xC00; // S_ISUID | S_ISGID
    private const int MostWorkNodes = 16;

    private int LookUp(ref FuseRequest request, byte* reply)
    {
        byte* name = request.Name();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        if (request.Node == FuseFlags.RootNode && !IsServed(name))
        {
            return -(int)Errno.ENOENT;
        }

        int parent = OpenNode(request.Node, Libc.O_PATH | Libc.O_DIRECTORY);
        if (parent < 0)
        {
            return parent;
        }

        int result = Entry(parent, name, (FuseEntryOut*)reply);
        _ = Libc.close(parent);
        NoteWork(request.Node, name, result, (FuseEntryOut*)reply);
        if (result == -(int)Errno.ENOENT)
        {
            // Node 0: the kernel remembers that there is no such name.
            *(FuseEntryOut*)reply = new FuseEntryOut { EntryValid = ValidSeconds };
            return sizeof(FuseEntryOut);
        }

        return result;
    }

    // The work directory and those in it are the overlay's alone; what is made in the latter becomes the container's by a rename.
    private void NoteWork(ulong parent, byte* name, int result, FuseEntryOut* entry)
    {
        if (result <= 0)
        {
            return;
        }

        if (parent == FuseFlags.RootNode && *name == 'w')
        {
            _workRoot = entry->NodeId;
            _ = _workNodes.Add(_workRoot);
        }
        else if (parent == _workRoot && (entry->Attr.Mode & Libc.S_IFMT) == Libc.S_IFDIR && _workNodes.Count < MostWorkNodes)
        {
            _ = _workNodes.Add(entry->NodeId);
        }
    }

    private static bool IsServed(byte* name)
    {
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        return bytes.SequenceEqual("upper"u8) || bytes.SequenceEqual("work"u8);
    }

    /// <summary>Tells the kernel of a file; its size, or -errno.</summary>
    private int Entry(int fd, byte* name, FuseEntryOut* entry)
    {
        Libc.statx_t status;
        int result = Status(fd, name, &status);
        if (result < 0)
        {
            return result;
        }

        result = _nodes.Remember(fd, name, out ulong node);
        if (result < 0)
        {
            return result;
        }

        *entry = new FuseEntryOut { NodeId = node, EntryValid = ValidSeconds, AttrValid = ValidSeconds, Attr = AttributesOf(in status) };
        return sizeof(FuseEntryOut);
    }

    private int MakeSymbolicLink(ref FuseRequest request, byte* reply)
    {
        byte* name = request.Name();
        byte* target = request.Text();
        return request.IsMalformed ? -(int)Errno.EINVAL : Make(ref request, name, new Making(AllocationUnit), reply, target);
    }

    private int MakeNode(ref FuseRequest request, byte* reply)
    {
        FuseMkNodIn* asked = request.Take<FuseMkNodIn>();
        byte* name = request.Name();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        bool isWhiteout = (asked->Mode & Libc.S_IFMT) == Libc.S_IFCHR && asked->Rdev == 0;
        return Make(ref request, name, new Making(0) { Mode = asked->Mode, Device = asked->Rdev, Umask = asked->Umask, IsOverlays = isWhiteout }, reply, null);
    }

    private int MakeDirectory(ref FuseRequest request, byte* reply)
    {
        FuseMkDirIn* asked = request.Take<FuseMkDirIn>();
        byte* name = request.Name();
        return request.IsMalformed
            ? -(int)Errno.EINVAL
            : Make(ref request, name, new Making(AllocationUnit) { Mode = (asked->Mode & 0xFFF) | Libc.S_IFDIR, Umask = asked->Umask }, reply, null);
    }

    // The umask is the request's, so that the file system below does with it and with default access lists what it does for anybody.
    private int Make(ref FuseRequest request, byte* name, Making what, byte* reply, byte* target)
    {
        if (!Account.Fits(SpaceAccount.InodeBytes + what.Bytes, what.IsOverlays || _workNodes.Contains(request.Node)))
        {
            return -(int)Errno.ENOSPC;
        }

        int parent = OpenNode(request.Node, Libc.O_PATH | Libc.O_DIRECTORY);
        if (parent < 0)
        {
            return parent;
        }

        long before = Counted(request.Node, parent);
        _ = Libc.umask(what.Umask & 0x1FF);
        int result = target is not null ? Libc.symlinkat(target, parent, name)
            : (what.Mode & Libc.S_IFMT) == Libc.S_IFDIR ? Libc.mkdirat(parent, name, what.Mode & 0xFFF)
            // The protocol has numbers of devices in the form that mknod(2) takes (new_encode_dev).
            : Libc.mknodat(parent, name, what.Mode, what.Device);
        if (result == 0)
        {
            result = Finish(parent, name, ref request, (FuseEntryOut*)reply, (what.Mode & Libc.S_IFMT) == Libc.S_IFDIR);
            NoteWork(request.Node, name, result, (FuseEntryOut*)reply);
            Settle(request.Node, parent, before);
        }
        else
        {
            result = LastError();
        }

        _ = Libc.close(parent);
        return result;
    }

    // As the kernel does for its own file systems (inode_init_owner): in a directory with the set-group-id bit the group is the directory's.
    private int Finish(int parent, byte* name, ref FuseRequest request, FuseEntryOut* entry, bool isDirectory)
    {
        int fd = Libc.openat(parent, name, Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            return LastError();
        }

        Own(parent, fd, request.Header->Uid, request.Header->Gid);
        int result = Entry(fd, null, entry);
        if (result > 0)
        {
            Account.Add(((long)entry->Attr.Blocks * SpaceAccount.BlockBytes) + SpaceAccount.InodeBytes);
        }
        else
        {
            _ = Libc.unlinkat(parent, name, isDirectory ? Libc.AT_REMOVEDIR : 0);
        }

        _ = Libc.close(fd);
        return result;
    }

    /// <summary>Gives what was just made its owner, and back the bits that a change of owners takes away.</summary>
    private void Own(int parent, int fd, uint uid, uint gid)
    {
        Libc.statx_t made;
        Libc.statx_t directory;
        if (Status(fd, null, &made) != 0 || Status(parent, null, &directory) != 0)
        {
            return;
        }

        byte empty = 0;
        uint group = (directory.stx_mode & 0x400) != 0 ? directory.stx_gid : gid;
        if ((made.stx_uid != uid || made.stx_gid != group) && Libc.fchownat(fd, &empty, uid, group, Libc.AT_EMPTY_PATH) == 0
            && (made.stx_mode & SetIdBits) != 0 && (made.stx_mode & Libc.S_IFMT) == Libc.S_IFREG)
        {
            _ = Libc.chmod(_links.Of(fd), made.stx_mode & 0xFFFu);
        }
    }

    /// <summary>What is made.</summary>
    /// <param name="Bytes">What it takes beside its inode.</param>
    private readonly record struct Making(long Bytes)
    {
        /// <summary>Type and permissions.</summary>
        public uint Mode { get; init; }

        /// <summary>The device that it stands for.</summary>
        public uint Device { get; init; }

        /// <summary>The caller's umask.</summary>
        public uint Umask { get; init; }

        /// <summary>Whether the overlay makes it for itself: the mark of a removed name.</summary>
        public bool IsOverlays { get; init; }
    }
}
