using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

// Names of files that are there: further ones, others, none.
internal sealed unsafe partial class LayerServer
{
    private const uint RenameExchange = 2;
    private const uint RenameWhiteout = 4;

    private int MakeLink(ref FuseRequest request, byte* reply)
    {
        ulong source = *request.Take<ulong>();
        byte* name = request.Name();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        int file = OpenNode(source, Libc.O_PATH);
        if (file < 0)
        {
            return file;
        }

        Libc.statx_t status;
        int result = Status(file, null, &status);
        bool isWhiteout = (status.stx_mode & Libc.S_IFMT) == Libc.S_IFCHR && status.stx_rdev_major == 0 && status.stx_rdev_minor == 0;
        if (result == 0 && !Account.Fits(1, isWhiteout || _workNodes.Contains(request.Node)))
        {
            result = -(int)Errno.ENOSPC;
        }

        if (result == 0)
        {
            int parent = OpenNode(request.Node, Libc.O_PATH | Libc.O_DIRECTORY);
            result = parent;
            if (parent >= 0)
            {
                long before = Counted(request.Node, parent);
                result = Libc.linkat(Libc.AT_FDCWD, _links.Of(file), parent, name, 0x400) == 0 ? Entry(file, null, (FuseEntryOut*)reply) : LastError(); // AT_SYMLINK_FOLLOW
                Settle(request.Node, parent, before);
                _ = Libc.close(parent);
            }
        }

        _ = Libc.close(file);
        return result;
    }

    private int Remove(ref FuseRequest request, int flags)
    {
        byte* name = request.Name();
        if (request.IsMalformed)
        {
            return -(int)Errno.EINVAL;
        }

        int parent = OpenNode(request.Node, Libc.O_PATH | Libc.O_DIRECTORY);
        if (parent < 0)
        {
            return parent;
        }

        int file = Libc.openat(parent, name, Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        int result = file < 0 ? LastError() : 0;
        if (result == 0)
        {
            long before = Counted(request.Node, parent);
            result = Libc.unlinkat(parent, name, flags) == 0 ? 0 : LastError();
            if (result == 0)
            {
                NoteUnlinked(file);
                Settle(request.Node, parent, before);
            }
            else
            {
                _ = Libc.close(file);
            }
        }

        _ = Libc.close(parent);
        return result;
    }

    private int Rename(ref FuseRequest request, bool hasFlags)
    {
        ulong target = hasFlags ? 0 : *request.Take<ulong>();
        FuseRename2In* asked = hasFlags ? request.Take<FuseRename2In>() : null;
        uint flags = asked is null ? 0 : asked->Flags;
        target = asked is null ? target : asked->NewDirectory;
        byte* oldName = request.Name();
        byte* newName = request.Name();
        if (request.IsMalformed || target == FuseFlags.RootNode)
        {
            return request.IsMalformed ? -(int)Errno.EINVAL : -(int)Errno.EPERM;
        }

        int from = OpenNode(request.Node, Libc.O_PATH | Libc.O_DIRECTORY);
        int to = from < 0 ? from : OpenNode(target, Libc.O_PATH | Libc.O_DIRECTORY);
        int result = to;
        if (to >= 0)
        {
            result = Rename((request.Node, from), oldName, (target, to), newName, flags);
            _ = Libc.close(to);
        }

        if (from >= 0)
        {
            _ = Libc.close(from);
        }

        return result;
    }

    private int Rename((ulong Node, int Descriptor) from, byte* oldName, (ulong Node, int Descriptor) to, byte* newName, uint flags)
    {
        int replaced = (flags & RenameExchange) != 0 ? -1 : Libc.openat(to.Descriptor, newName, Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        long before = Counted(from.Node, from.Descriptor);
        long beforeTo = Counted(to.Node, to.Descriptor);
        int result = Libc.renameat2(from.Descriptor, oldName, to.Descriptor, newName, flags) == 0 ? 0 : LastError();
        if (result == 0)
        {
            Account.Add((flags & RenameWhiteout) != 0 ? SpaceAccount.InodeBytes : 0);
            Settle(from.Node, from.Descriptor, before);
            if (from.Node != to.Node)
            {
                Settle(to.Node, to.Descriptor, beforeTo);
            }
        }

        if (replaced >= 0 && result == 0)
        {
            NoteUnlinked(replaced);
        }
        else if (replaced >= 0)
        {
            _ = Libc.close(replaced);
        }

        return result;
    }
}
