using Tare.Linux.Interop;

namespace Tare.Runtime.Plan;

/// <summary>
/// Copies a directory's content from the child, between clone and execve: the rules of <see cref="PlanExecutor"/> hold here too. Types, owners and
/// permissions are kept; no link is followed, so the tree may be hostile.
/// </summary>
internal static unsafe class TreeCopier
{
    private const int Deepest = 64;
    private const int EntriesSize = 1024;
    private const int ScratchSize = 4096;
    private const int NotPermitted = 1; // EPERM
    private const int Invalid = 22; // EINVAL
    private const int TooDeep = 40; // ELOOP
    private const int TypeMask = 0xF000;
    private const int DirectoryType = 0x4000;
    private const int RegularType = 0x8000;
    private const int LinkType = 0xA000;

    /// <summary>Copies. Returns 0, or a negative errno.</summary>
    /// <param name="context">The child's.</param>
    /// <param name="copy">Numbers of system calls.</param>
    /// <param name="from">A directory, open for reading.</param>
    /// <param name="to">The directory that gets its content.</param>
    public static long Run(PlanExecutor.ChildContext* context, TreeCopy* copy, int from, int to) => Directory(context, copy, from, to, 0);

    private static long Directory(PlanExecutor.ChildContext* context, TreeCopy* copy, int from, int to, int depth)
    {
        if (depth == Deepest)
        {
            return -TooDeep;
        }

        byte* entries = stackalloc byte[EntriesSize];
        while (true)
        {
            long length = Call(copy->Getdents64, from, (nint)entries, EntriesSize, 0);
            if (length <= 0)
            {
                return length;
            }

            // struct linux_dirent64: inode, offset, length of the entry, type, name
            for (long place = 0; place < length; place += *(ushort*)(entries + place + 16))
            {
                byte* name = entries + place + 19;
                bool own = name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
                long result = own ? 0 : Entry(context, copy, from, to, (nint)name, depth);
                if (result < 0)
                {
                    return result;
                }
            }
        }
    }

    private static long Entry(PlanExecutor.ChildContext* context, TreeCopy* copy, int from, int to, nint name, int depth)
    {
        Libc.statx_t status;
        long result = Libc.RawSyscall(copy->Statx, from, name, Libc.AT_SYMLINK_NOFOLLOW, (nint)Libc.STATX_BASIC_STATS, (nint)(&status), 0);
        if (result != 0)
        {
            return -*Libc.ErrnoLocation();
        }

        int type = status.stx_mode & TypeMask;
        result = type switch
        {
            DirectoryType => Below(context, copy, from, to, name, depth),
            RegularType => File(context, copy, from, to, name),
            LinkType => Link(context, copy, from, to, name),
            _ => Call(copy->MknodAt, to, name, status.stx_mode, (nint)Number(&status)),
        };
        if (result < 0)
        {
            return result == -NotPermitted && type is not (DirectoryType or RegularType or LinkType) ? 0 : result; // devices in a user namespace
        }

        // Owners that a user namespace does not know stay the process's.
        result = Libc.RawSyscall(copy->FchownAt, to, name, (nint)status.stx_uid, (nint)status.stx_gid, Libc.AT_SYMLINK_NOFOLLOW, 0) == 0 ? 0 : -*Libc.ErrnoLocation();
        if (result is not (0 or -NotPermitted or -Invalid))
        {
            return result;
        }

        return type == LinkType ? 0 : Call(copy->FchmodAt, to, name, status.stx_mode & 0xFFF, 0);
    }

    private static long Below(PlanExecutor.ChildContext* context, TreeCopy* copy, int from, int to, nint name, int depth)
    {
        long made = Call(copy->MkdirAt, to, name, 0x1C0, 0); // 0700
        long source = made < 0 ? made : Call(copy->OpenAt, from, name, copy->OpenDirectory, 0);
        if (source < 0)
        {
            return source;
        }

        long target = Call(copy->OpenAt, to, name, copy->OpenDirectory, 0);
        long result = target < 0 ? target : Directory(context, copy, (int)source, (int)target, depth + 1);
        Call(context->Close, (int)source, 0, 0, 0);
        if (target >= 0)
        {
            Call(context->Close, (int)target, 0, 0, 0);
        }

        return result;
    }

    private static long File(PlanExecutor.ChildContext* context, TreeCopy* copy, int from, int to, nint name)
    {
        long source = Call(copy->OpenAt, from, name, copy->OpenFile, 0);
        if (source < 0)
        {
            return source;
        }

        long target = Call(copy->OpenAt, to, name, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0x180); // 0600
        long result = target;
        while (result >= 0 && (result = Call(context->Read, (int)source, (nint)context->Scratch, ScratchSize, 0)) > 0)
        {
            result = WriteAll(context, (int)target, (int)result);
        }

        Call(context->Close, (int)source, 0, 0, 0);
        if (target >= 0)
        {
            Call(context->Close, (int)target, 0, 0, 0);
        }

        return result;
    }

    private static long WriteAll(PlanExecutor.ChildContext* context, int target, int length)
    {
        for (int sent = 0; sent < length;)
        {
            long written = Call(context->Write, target, (nint)(context->Scratch + sent), length - sent, 0);
            if (written < 0)
            {
                return written;
            }

            sent += (int)written;
        }

        return 0;
    }

    private static long Link(PlanExecutor.ChildContext* context, TreeCopy* copy, int from, int to, nint name)
    {
        long length = Call(copy->ReadlinkAt, from, name, (nint)context->Scratch, ScratchSize - 1);
        if (length < 0)
        {
            return length;
        }

        context->Scratch[length] = 0;
        return Call(copy->SymlinkAt, (nint)context->Scratch, to, name, 0);
    }

    // dev_t of the system call: the 32-bit encoding of the kernel (new_encode_dev).
    private static uint Number(Libc.statx_t* status)
        => (status->stx_rdev_minor & 0xFF) | (status->stx_rdev_major << 8) | ((status->stx_rdev_minor & ~0xFFu) << 12);

    private static long Call(int number, nint a1, nint a2, nint a3, nint a4)
    {
        nint result = Libc.RawSyscall(number, a1, a2, a3, a4, 0, 0);
        return result == -1 ? -*Libc.ErrnoLocation() : result;
    }
}
