using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

// Attributes of nodes, extended ones too.
internal sealed unsafe partial class LayerServer
{
    private static FuseAttr AttributesOf(in Libc.statx_t status) => new()
    {
        Ino = status.stx_ino,
        Size = status.stx_size,
        Blocks = status.stx_blocks,
        Atime = (ulong)status.stx_atime_sec,
        Mtime = (ulong)status.stx_mtime_sec,
        Ctime = (ulong)status.stx_ctime_sec,
        AtimeNsec = status.stx_atime_nsec,
        MtimeNsec = status.stx_mtime_nsec,
        CtimeNsec = status.stx_ctime_nsec,
        Mode = status.stx_mode,
        NLink = status.stx_nlink,
        Uid = status.stx_uid,
        Gid = status.stx_gid,
        Rdev = (status.stx_rdev_minor & 0xFF) | (status.stx_rdev_major << 8) | ((status.stx_rdev_minor & ~0xFFu) << 12), // new_encode_dev
        BlkSize = status.stx_blksize,
    };

    private int GetAttributes(ref FuseRequest request, byte* reply)
    {
        FuseGetAttrIn* asked = request.Take<FuseGetAttrIn>();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        if ((asked->Flags & FuseFlags.GetAttrHandle) != 0 && _files.TryGetValue(asked->Handle, out OpenFile? file))
        {
            return TellAttributes(file.Descriptor, reply);
        }

        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        int result = TellAttributes(fd, reply);
        _ = Libc.close(fd);
        return result;
    }

    private static int TellAttributes(int fd, byte* reply)
    {
        Libc.statx_t status;
        int result = Status(fd, null, &status);
        if (result == 0)
        {
            *(FuseAttrOut*)reply = new FuseAttrOut { AttrValid = ValidSeconds, Attr = AttributesOf(in status) };
            result = sizeof(FuseAttrOut);
        }

        return result;
    }

    private int SetAttributes(ref FuseRequest request, byte* reply)
    {
        FuseSetAttrIn* asked = request.Take<FuseSetAttrIn>();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        OpenFile? file = (asked->Valid & FuseFlags.SetHandle) != 0 ? _files.GetValueOrDefault(asked->Handle) : null;
        long before = Counted(request.Node, fd);
        int result = Change(fd, file, asked);
        Settle(request.Node, fd, before);
        result = result == 0 ? TellAttributes(fd, reply) : result;
        _ = Libc.close(fd);
        return result;
    }

    private int Change(int fd, OpenFile? file, FuseSetAttrIn* asked)
    {
        uint valid = asked->Valid;
        byte empty = 0;
        if ((valid & FuseFlags.SetKillPrivileges) != 0)
        {
            DropPrivileges(fd);
        }

        if ((valid & (FuseFlags.SetUid | FuseFlags.SetGid)) != 0)
        {
            uint uid = (valid & FuseFlags.SetUid) != 0 ? asked->Uid : uint.MaxValue;
            uint gid = (valid & FuseFlags.SetGid) != 0 ? asked->Gid : uint.MaxValue;
            if (Libc.fchownat(fd, &empty, uid, gid, Libc.AT_EMPTY_PATH) != 0)
            {
                return LastError();
            }
        }

        if ((valid & FuseFlags.SetMode) != 0 && Libc.chmod(_links.Of(fd), asked->Mode & 0xFFF) != 0)
        {
            return LastError();
        }

        if ((valid & FuseFlags.SetSize) != 0 && (file is null ? Libc.truncate(_links.Of(fd), (long)asked->Size) : Libc.ftruncate(file.Descriptor, (long)asked->Size)) != 0)
        {
            return LastError();
        }

        if ((valid & (FuseFlags.SetAccess | FuseFlags.SetModification)) != 0)
        {
            Libc.timespec* times = stackalloc Libc.timespec[2];
            times[0] = Time(valid, FuseFlags.SetAccess, FuseFlags.SetAccessNow, asked->Atime, asked->AtimeNsec);
            times[1] = Time(valid, FuseFlags.SetModification, FuseFlags.SetModificationNow, asked->Mtime, asked->MtimeNsec);
            if (Libc.utimensat(Libc.AT_FDCWD, _links.Of(fd), times, 0) != 0)
            {
                return LastError();
            }
        }

        return 0;
    }

    private static Libc.timespec Time(uint valid, uint set, uint now, ulong seconds, uint nanoseconds) => new()
    {
        tv_sec = (long)seconds,
        tv_nsec = (valid & set) == 0 ? Libc.UTIME_OMIT : (valid & now) != 0 ? Libc.UTIME_NOW : nanoseconds,
    };

    /// <summary>
    /// Takes the set-user-id and set-group-id bits away, as the kernel does before a change by somebody without CAP_FSETID; capabilities go by the change itself.
    /// </summary>
    private void DropPrivileges(int fd)
    {
        Libc.statx_t status;
        if (Status(fd, null, &status) != 0 || (status.stx_mode & SetIdBits) == 0 || (status.stx_mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            return;
        }

        // Without the right to execute, the set-group-id bit means a mandatory lock and stays (setattr_should_drop_suidgid).
        uint dropped = 0x800u | ((status.stx_mode & 0x8) != 0 ? 0x400u : 0);
        _ = Libc.chmod(_links.Of(fd), status.stx_mode & 0xFFFu & ~dropped);
    }

    private int SetXattr(ref FuseRequest request)
    {
        FuseXattrIn* asked = request.Take<FuseXattrIn>();
        byte* name = request.Text();
        byte* value = request.Bytes(asked->Size);
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        long before = Counted(request.Node, fd);
        int result = -(int)Errno.ENOSPC;
        if (Account.Fits(Math.Max(asked->Size, 1), IsOverlays(name)))
        {
            result = Libc.setxattr(_links.Of(fd), name, value, asked->Size, (int)asked->Flags) == 0 ? 0 : LastError();
        }

        Settle(request.Node, fd, before);
        _ = Libc.close(fd);
        return result;
    }

    // A container that sets such names gets them under trusted.overlay.overlay.
    private static bool IsOverlays(byte* name)
    {
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        return bytes.StartsWith("trusted.overlay."u8) && !bytes.StartsWith("trusted.overlay.overlay."u8);
    }

    private int GetXattr(ref FuseRequest request, byte* reply)
    {
        uint size = request.Take<FuseXattrIn>()->Size;
        byte* name = request.Text();
        if (request.IsMalformed || size > FuseMount.MaxTransferBytes)
        {
            return -(int)Errno.EINVAL;
        }

        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        int result = TellBytes(Libc.getxattr(_links.Of(fd), name, size == 0 ? null : reply, size), size, reply);
        _ = Libc.close(fd);
        return result;
    }

    private int ListXattr(ref FuseRequest request, byte* reply)
    {
        uint size = request.Take<FuseXattrIn>()->Size;
        if (request.IsMalformed || size > FuseMount.MaxTransferBytes)
        {
            return -(int)Errno.EINVAL;
        }

        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        int result = TellBytes(Libc.listxattr(_links.Of(fd), size == 0 ? null : reply, size), size, reply);
        _ = Libc.close(fd);
        return result;
    }

    // Without room, the length is told.
    private static int TellBytes(nint length, uint size, byte* reply)
    {
        if (length < 0)
        {
            return LastError();
        }

        if (size > 0)
        {
            return (int)length;
        }

        *(FuseSizeOut*)reply = new FuseSizeOut { Size = (uint)length };
        return sizeof(FuseSizeOut);
    }

    private int RemoveXattr(ref FuseRequest request)
    {
        byte* name = request.Text();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        long before = Counted(request.Node, fd);
        int result = Libc.removexattr(_links.Of(fd), name) == 0 ? 0 : LastError();
        Settle(request.Node, fd, before);
        _ = Libc.close(fd);
        return result;
    }

    private int ReadLink(ref FuseRequest request, byte* reply)
    {
        int fd = OpenNode(request.Node, Libc.O_PATH);
        if (fd < 0)
        {
            return fd;
        }

        byte empty = 0;
        nint length = Libc.readlinkat(fd, &empty, reply, 4096);
        int result = length < 0 ? LastError() : (int)length;
        _ = Libc.close(fd);
        return result;
    }
}
