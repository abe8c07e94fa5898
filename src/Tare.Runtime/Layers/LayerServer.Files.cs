using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

// Open files.
internal sealed unsafe partial class LayerServer
{
    private const uint KeepSize = 1; // FALLOC_FL_…
    private const uint PunchHole = 2;
    private const uint ZeroRange = 0x10;

    private static int OpenFlags(uint asked) => ((int)asked & (3 | Libc.O_TRUNC)) | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY;

    private int Open(ref FuseRequest request, byte* reply)
    {
        FuseOpenIn* asked = request.Take<FuseOpenIn>();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        int node = OpenNode(request.Node, Libc.O_PATH);
        if (node < 0)
        {
            return node;
        }

        // To open a device would be more than to look at its node.
        Libc.statx_t status;
        int result = Status(node, null, &status);
        if (result == 0)
        {
            result = (status.stx_mode & Libc.S_IFMT) == Libc.S_IFREG ? OpenRegular(request.Node, node, asked, (FuseOpenOut*)reply) : -(int)Errno.EINVAL;
        }

        _ = Libc.close(node);
        return result;
    }

    private int OpenRegular(ulong node, int place, FuseOpenIn* asked, FuseOpenOut* opened)
    {
        long before = Counted(node, place);
        if ((asked->Flags & Libc.O_TRUNC) != 0 && (asked->OpenFlags & FuseFlags.OpenKillPrivileges) != 0)
        {
            DropPrivileges(place);
        }

        int fd = _links.Reopen(place, OpenFlags(asked->Flags));
        if (fd < 0)
        {
            return fd;
        }

        Settle(node, fd, before);
        Hold(node, fd, opened);
        return sizeof(FuseOpenOut);
    }

    private void Hold(ulong node, int fd, FuseOpenOut* opened)
    {
        NoteOpened(node, fd);
        _files.Add((ulong)fd, new OpenFile(fd, node));
        *opened = new FuseOpenOut { Handle = (ulong)fd, OpenFlags = FuseFlags.OpenKeepCache };
    }

    private int Create(ref FuseRequest request, byte* reply, bool named)
    {
        FuseCreateIn* asked = request.Take<FuseCreateIn>();
        byte* name = named ? request.Name() : null;
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        if (!Account.Fits(SpaceAccount.InodeBytes, _workNodes.Contains(request.Node)))
        {
            return -(int)Errno.ENOSPC;
        }

        int parent = OpenNode(request.Node, Libc.O_PATH | Libc.O_DIRECTORY);
        if (parent < 0)
        {
            return parent;
        }

        long before = Counted(request.Node, parent);
        _ = Libc.umask(asked->Umask & 0x1FF);
        int access = ((int)asked->Flags & 3) == Libc.O_RDONLY && !named ? Libc.O_RDWR : (int)asked->Flags & 3;
        int fd = named
            ? Libc.openat(parent, name, access | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, asked->Mode & 0xFFF)
            : Libc.openat(Libc.AT_FDCWD, _links.Of(parent), access | Libc.O_TMPFILE | Libc.O_CLOEXEC, asked->Mode & 0xFFF);
        int result = fd < 0 ? LastError() : 0;
        if (result == 0)
        {
            Own(parent, fd, request.Header->Uid, request.Header->Gid);
            FuseEntryOut* entry = (FuseEntryOut*)reply;
            result = Entry(fd, null, entry);
            if (result > 0)
            {
                Account.Add(((long)entry->Attr.Blocks * SpaceAccount.BlockBytes) + SpaceAccount.InodeBytes);
                Settle(request.Node, parent, before);
                KeepNameless(entry->NodeId, fd, named);
                Hold(entry->NodeId, fd, (FuseOpenOut*)(reply + sizeof(FuseEntryOut)));
                result += sizeof(FuseOpenOut);
            }
            else
            {
                _ = Libc.close(fd);
            }
        }

        _ = Libc.close(parent);
        return result;
    }

    private void KeepNameless(ulong node, int fd, bool named)
    {
        int held = named ? -1 : Libc.openat(Libc.AT_FDCWD, _links.Of(fd), Libc.O_PATH | Libc.O_CLOEXEC, 0);
        if (held >= 0 && !_orphans.TryAdd(node, held))
        {
            _ = Libc.close(held);
        }
    }

    private int Read(ref FuseRequest request, byte* reply)
    {
        FuseTransferIn* asked = request.Take<FuseTransferIn>();
        if (request.IsMalformed || asked->Size > FuseMount.MaxTransferBytes)
        {
            return -(int)Errno.EINVAL;
        }

        if (!_files.TryGetValue(asked->Handle, out OpenFile? file))
        {
            return -(int)Errno.EBADF;
        }

        nint length = Libc.pread(file.Descriptor, reply, asked->Size, (long)asked->Offset);
        return length < 0 ? LastError() : (int)length;
    }

    private int Write(ref FuseRequest request, byte* reply)
    {
        FuseTransferIn* asked = request.Take<FuseTransferIn>();
        byte* data = request.Bytes(asked->Size);
        if (request.IsMalformed || asked->Offset > (ulong)long.MaxValue - asked->Size)
        {
            return -(int)Errno.EINVAL;
        }

        if (!_files.TryGetValue(asked->Handle, out OpenFile? file))
        {
            return -(int)Errno.EBADF;
        }

        long before = Counted(file.Node, file.Descriptor);
        long length = Affordable(file.Descriptor, (long)asked->Offset, asked->Size);
        // Nobody is there to take up the rest of what the page cache writes.
        if (length < asked->Size && (length == 0 || (asked->TransferFlags & FuseFlags.WriteCache) != 0))
        {
            return -(int)Errno.ENOSPC;
        }

        if ((asked->TransferFlags & FuseFlags.WriteKillPrivileges) != 0)
        {
            DropPrivileges(file.Descriptor);
        }

        nint written = Libc.pwrite(file.Descriptor, data, (nuint)length, (long)asked->Offset);
        int result = written < 0 ? LastError() : sizeof(FuseSizeOut);
        Settle(file.Node, file.Descriptor, before);
        *(FuseSizeOut*)reply = new FuseSizeOut { Size = (uint)Math.Max(written, 0) };
        return result;
    }

    /// <summary>How much of a range may be filled, from its start on.</summary>
    private long Affordable(int fd, long offset, long length)
    {
        if (Account.Fits(length + MapBytes))
        {
            return length;
        }

        return FileExtents.Affordable(fd, offset, length, Account.Available, AllocationUnit);
    }

    private int Allocate(ref FuseRequest request)
    {
        FuseFAllocateIn* asked = request.Take<FuseFAllocateIn>();
        if (request.IsMalformed || asked->Offset > (ulong)long.MaxValue || asked->Length > (ulong)long.MaxValue - asked->Offset)
        {
            return -(int)Errno.EINVAL;
        }

        if (!_files.TryGetValue(asked->Handle, out OpenFile? file))
        {
            return -(int)Errno.EBADF;
        }

        if ((asked->Mode & ~(KeepSize | PunchHole | ZeroRange)) != 0)
        {
            return -(int)Errno.EOPNOTSUPP;
        }

        (long offset, long length) = ((long)asked->Offset, (long)asked->Length);
        if ((asked->Mode & PunchHole) == 0 && Affordable(file.Descriptor, offset, length) < length)
        {
            return -(int)Errno.ENOSPC;
        }

        long before = Counted(file.Node, file.Descriptor);
        int result = Libc.fallocate(file.Descriptor, (int)asked->Mode, offset, length) == 0 ? 0 : LastError();
        Settle(file.Node, file.Descriptor, before);
        return result;
    }

    private int Seek(ref FuseRequest request, byte* reply)
    {
        FuseLSeekIn* asked = request.Take<FuseLSeekIn>();
        if (request.IsMalformed || asked->Whence is not (Libc.SEEK_DATA or Libc.SEEK_HOLE))
        {
            return -(int)Errno.EINVAL;
        }

        if (!_files.TryGetValue(asked->Handle, out OpenFile? file))
        {
            return -(int)Errno.EBADF;
        }

        long place = Libc.lseek(file.Descriptor, (long)asked->Offset, (int)asked->Whence);
        if (place < 0)
        {
            return LastError();
        }

        *(long*)reply = place;
        return sizeof(long);
    }

    private int Release(ref FuseRequest request)
    {
        FuseReleaseIn* asked = request.Take<FuseReleaseIn>();
        if (request.IsMalformed || !_files.Remove(asked->Handle, out OpenFile? file))
        {
            return -(int)Errno.EBADF;
        }

        NoteClosed(file.Node, file.Descriptor);
        _ = Libc.close(file.Descriptor);
        return 0;
    }

    private int Synchronize(ref FuseRequest request, bool isDirectory)
    {
        FuseFSyncIn* asked = request.Take<FuseFSyncIn>();
        int fd = isDirectory ? _directories.GetValueOrDefault(asked->Handle)?.Descriptor ?? -1 : _files.GetValueOrDefault(asked->Handle)?.Descriptor ?? -1;
        if (request.IsMalformed || fd < 0)
        {
            return -(int)Errno.EBADF;
        }

        int result = ((asked->SyncFlags & FuseFlags.SyncDataOnly) != 0 ? Libc.fdatasync(fd) : Libc.fsync(fd)) == 0 ? 0 : LastError();
        SettleLate(request.Node);
        return result;
    }
}
