using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Runtime.Plan;

/// <summary>
/// Makes what is missing of a path inside a root, between clone and execve: the rules of <see cref="PlanExecutor"/> hold here too. A symbolic link whose target is missing is
/// followed inside the root and its target made, as for <c>/etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf</c> of many images; mkdirat(2) and mknodat(2) stop at such a link.
/// </summary>
/// <remarks>
/// The path is walked name by name. What was walked is kept without links and without "..", and is opened only by openat2(2) with RESOLVE_NO_SYMLINKS: one who
/// exchanges names meanwhile gets an error, not a way out of the root.
/// </remarks>
internal static unsafe class PathMaker
{
    /// <summary>How large each of the three buffers in the scratch memory is: PATH_MAX.</summary>
    public const int BufferSize = 4096;

    private const uint DirectoryMode = 0x1ED; // 0755
    private const uint RegularFile = 0x8000 | 0x1A4; // S_IFREG, 0644
    private const int MostLinks = 40; // path_resolution(7)
    private const int NotFound = 2;
    private const int Exists = 17;
    private const int NameTooLong = 36;
    private const int TooManyLinks = 40;

    /// <summary>Makes the path.</summary>
    /// <param name="context">The child's context. The scratch memory behind its first page is written to.</param>
    /// <param name="root">The root.</param>
    /// <param name="path">The path, ended by 0.</param>
    /// <param name="directory">Whether the last name is to be a directory; else a file.</param>
    /// <returns>0, or a negative errno.</returns>
    public static long Run(PlanExecutor.ChildContext* context, int root, byte* path, bool directory)
    {
        byte* rest = context->Scratch + BufferSize;
        byte* walked = rest + BufferSize;
        byte* link = walked + BufferSize;
        int length = Length(path);
        if (length >= BufferSize)
        {
            return -NameTooLong;
        }

        Copy(path, rest, length + 1);
        int done = 0;
        int links = 0;
        byte* next = rest;
        while (true)
        {
            while (*next == '/')
            {
                next++;
            }

            if (*next == 0)
            {
                return 0;
            }

            byte* name = next;
            int size = 0;
            while (name[size] is not ((byte)'/' or 0))
            {
                size++;
            }

            next = name + size;
            if (size == 1 && name[0] == '.')
            {
                continue;
            }

            if (size == 2 && name[0] == '.' && name[1] == '.')
            {
                done = Parent(walked, done);
                continue;
            }

            if (done + size + 2 > BufferSize)
            {
                return -NameTooLong;
            }

            int before = done;
            done = Append(walked, done, name, size);
            long found = Examine(context, root, walked, link);
            if (found == -NotFound)
            {
                long made = Make(context, root, walked, before, directory || !IsLast(next));
                if (made < 0)
                {
                    return made;
                }
            }
            else if (found < 0)
            {
                return found;
            }
            else if (found > 0)
            {
                int left = Length(next);
                if (++links > MostLinks)
                {
                    return -TooManyLinks;
                }

                if (found + left >= BufferSize)
                {
                    return -NameTooLong;
                }

                // What is left begins with a slash, or is nothing.
                Move(next, rest + found, left + 1);
                Copy(link, rest, (int)found);
                next = rest;
                done = rest[0] == '/' ? 0 : before;
                walked[done] = 0;
            }
        }
    }

    // The length of a link's target, 0 for what is no link, or a negative errno.
    private static long Examine(PlanExecutor.ChildContext* context, int root, byte* walked, byte* link)
    {
        long file = Open(context, root, walked, Libc.O_PATH | context->NoFollow, resolve: 0);
        if (file < 0)
        {
            return file;
        }

        byte empty = 0;
        nint length = Libc.RawSyscall(context->ReadlinkAt, (nint)file, (nint)(&empty), (nint)link, BufferSize, 0, 0);
        Libc.RawSyscall(context->Close, (nint)file, 0, 0, 0, 0, 0);
        return length < 0 ? 0 : length;
    }

    private static long Make(PlanExecutor.ChildContext* context, int root, byte* walked, int before, bool directory)
    {
        byte* name = walked + before + (before > 0 ? 1 : 0);
        byte kept = walked[before];
        long parent;
        if (before > 0)
        {
            walked[before] = 0;
            parent = Open(context, root, walked, Libc.O_PATH | context->OnlyDirectory, MountApi.ResolveNoSymbolicLinks);
            walked[before] = kept;
        }
        else
        {
            ushort dot = '.'; // and its 0
            parent = Open(context, root, (byte*)&dot, Libc.O_PATH | context->OnlyDirectory, MountApi.ResolveNoSymbolicLinks);
        }

        if (parent < 0)
        {
            return parent;
        }

        nint made = directory
            ? Libc.RawSyscall(context->MkdirAt, (nint)parent, (nint)name, (nint)DirectoryMode, 0, 0, 0)
            : Libc.RawSyscall(context->MknodAt, (nint)parent, (nint)name, (nint)RegularFile, 0, 0, 0);
        int errno = made < 0 ? *Libc.ErrnoLocation() : 0;
        Libc.RawSyscall(context->Close, (nint)parent, 0, 0, 0, 0, 0);
        return errno is 0 or Exists ? 0 : -errno;
    }

    private static long Open(PlanExecutor.ChildContext* context, int root, byte* path, int flags, ulong resolve)
    {
        ulong* how = (ulong*)context->Scratch; // struct open_how
        how[0] = (uint)(flags | Libc.O_CLOEXEC);
        how[1] = 0;
        how[2] = MountApi.ResolveInRoot | MountApi.ResolveNoMagicLinks | resolve;
        nint file = Libc.RawSyscall(context->OpenAt2, root, (nint)path, (nint)how, 24, 0, 0);
        return file < 0 ? -*Libc.ErrnoLocation() : file;
    }

    private static int Append(byte* walked, int length, byte* name, int size)
    {
        if (length > 0)
        {
            walked[length++] = (byte)'/';
        }

        Copy(name, walked + length, size);
        walked[length + size] = 0;
        return length + size;
    }

    private static int Parent(byte* walked, int length)
    {
        while (length > 0 && walked[length - 1] != '/')
        {
            length--;
        }

        length = length > 0 ? length - 1 : 0;
        walked[length] = 0;
        return length;
    }

    private static bool IsLast(byte* rest)
    {
        while (*rest == '/')
        {
            rest++;
        }

        return *rest == 0;
    }

    private static int Length(byte* text)
    {
        int length = 0;
        while (text[length] != 0)
        {
            length++;
        }

        return length;
    }

    private static void Copy(byte* from, byte* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            to[i] = from[i];
        }
    }

    // To a place before or behind it in the same buffer.
    private static void Move(byte* from, byte* to, int count)
    {
        if (to <= from)
        {
            Copy(from, to, count);
            return;
        }

        for (int i = count - 1; i >= 0; i--)
        {
            to[i] = from[i];
        }
    }
}
