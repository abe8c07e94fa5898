using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;
using Tare.Linux.Processes;

namespace Tare.Runtime.Plan;

/// <summary>
/// Keeps the host's program file out of a container's reach. A process inside sees this program as /proc/PID/exe, and an image whose command is
/// <c>/proc/self/exe</c> makes the kernel execute it there: opened for writing, the link would let the container replace the program on the
/// host (CVE-2019-5736). Other runtimes copy or remount their program and execute themselves anew, which costs a start of the program.
/// </summary>
/// <remarks>
/// Here the child gives its program another name instead: it maps the same file again, page by page as it is mapped now, but through a read-only
/// clone of the mount (open_tree(2), mount_setattr(2)), and then tells the kernel that this is its program (prctl(2), PR_SET_MM_MAP with exe_fd,
/// which the kernel grants once nothing is mapped by the old name). The link then leads to a file on a read-only mount that nobody can reach to
/// remount. Pages that were changed since the start are moved over as copies.
/// </remarks>
internal sealed unsafe class OwnProgram : IDisposable
{
    private const int PrSetMm = 35; // linux/prctl.h
    private const int PrSetMmMap = 14;
    private const int PrSetMmMapSize = 15;
    private const int MapPrivate = 0x02;
    private const int MapFixed = 0x10;
    private const int MapAnonymous = 0x20;
    private const int MremapMayMoveFixed = 1 | 2;
    private const ulong ReadOnly = 1; // MOUNT_ATTR_RDONLY
    private readonly int _file;
    private readonly List<ProgramPiece> _pieces;
    private readonly nint _copies;
    private readonly nint _copiesLength;

    /// <summary>Looks at how this program is mapped, and copies its changed pages.</summary>
    /// <param name="file">What <see cref="OpenReadOnly"/> opened; stays the caller's.</param>
    /// <exception cref="LinuxException">/proc cannot be read, or memory is short.</exception>
    public OwnProgram(SafeFileHandle file)
    {
        _file = (int)file.DangerousGetHandle();
        _pieces = ProgramImage.Pieces();
        foreach (ProgramPiece piece in _pieces)
        {
            _copiesLength += piece.Changed ? piece.Length : 0;
        }

        _copies = Libc.Syscall(Syscalls.Mmap, 0, Math.Max(_copiesLength, ProgramImage.PageSize), 1 | 2, MapPrivate | MapAnonymous, -1, 0);
        if (_copies == -1)
        {
            throw LinuxException.Last("mmap", "the program's changed pages");
        }

        nint next = _copies;
        foreach (ProgramPiece piece in _pieces)
        {
            if (piece.Changed)
            {
                Buffer.MemoryCopy((void*)piece.Address, (void*)next, piece.Length, piece.Length);
                next += piece.Length;
            }
        }
    }

    /// <summary>Whether the kernel can do it: it was built with CONFIG_CHECKPOINT_RESTORE.</summary>
    public static bool IsSupported
    {
        get
        {
            uint size = 0;
            return Libc.Syscall(Syscalls.Prctl, PrSetMm, PrSetMmMapSize, (nint)(&size)) == 0 && size == sizeof(MemoryMap);
        }
    }

    /// <summary>Opens this program's file through a read-only clone of its mount.</summary>
    /// <param name="clone">The clone, of no more use. Closing it dissolves it, which waits for a grace period of the kernel: best done beside other work.</param>
    /// <exception cref="LinuxException">The mount cannot be cloned: EPERM without CAP_SYS_ADMIN.</exception>
    public static SafeFileHandle OpenReadOnly(out SafeFileHandle clone)
    {
        nint path = System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8("/proc/self/exe");
        byte empty = 0;
        nint tree = Libc.Syscall(Syscalls.OpenTree, Libc.AT_FDCWD, path, MountApi.OpenTreeClone | Libc.O_CLOEXEC);
        LinuxException? failure = tree < 0 ? LinuxException.Last("open_tree", "/proc/self/exe") : null;
        System.Runtime.InteropServices.Marshal.FreeCoTaskMem(path);
        if (failure is not null)
        {
            throw failure;
        }

        clone = new SafeFileHandle(tree, ownsHandle: true);
        MountApi.MountAttr attributes = new(ReadOnly, 0, 0, 0);
        if (Libc.Syscall(Syscalls.MountSetattr, tree, (nint)(&empty), Libc.AT_EMPTY_PATH, (nint)(&attributes), sizeof(MountApi.MountAttr)) != 0)
        {
            throw LinuxException.Last("mount_setattr", "/proc/self/exe");
        }

        int file = Libc.open(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{tree}"), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return file < 0 ? throw LinuxException.Last("open", "/proc/self/exe") : new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>Adds the child's steps. The child's loop is the only code that runs while they do, and it reads nothing that they replace by older content.</summary>
    /// <param name="child">The child's stage.</param>
    /// <param name="arguments">What the container shall see as this process's command line while it stays (an init); empty for nothing.</param>
    public void AddSteps(PlanBuilder child, IReadOnlyList<string> arguments)
    {
        nint next = _copies;
        foreach (ProgramPiece piece in _pieces)
        {
            if (piece.Changed)
            {
                child.Call("mremap", Syscalls.Mremap, "own program", next, piece.Length, piece.Length, MremapMayMoveFixed, piece.Address).Detail("changed pages");
                next += piece.Length;
            }
            else
            {
                child.Call("mmap", Syscalls.Mmap, "own program", piece.Address, piece.Length, piece.Protection, MapPrivate | MapFixed, _file, piece.Offset).Detail("through a read-only mount");
            }
        }

        MemoryMap map = Describe(child.Memory, arguments);
        child.Call("prctl", Syscalls.Prctl, "own program", PrSetMm, PrSetMmMap, child.Memory.Copy(map), sizeof(MemoryMap), 0).Detail("is the one on the read-only mount");
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Syscall(Syscalls.Munmap, _copies, Math.Max(_copiesLength, ProgramImage.PageSize));

    // The kernel checks the order of these addresses and shows them in /proc/PID/stat. This program's own arguments are left out: they name paths of the host.
    private MemoryMap Describe(PlanMemory memory, IReadOnlyList<string> arguments)
    {
        ProgramPiece first = _pieces[0];
        ProgramPiece last = _pieces[^1];
        ulong end = (ulong)(last.Address + last.Length);
        byte[] line = System.Text.Encoding.UTF8.GetBytes(string.Concat(arguments.Select(argument => argument + '\0')));
        ulong somewhere = (ulong)memory.Copy<byte>(line);
        return new MemoryMap
        {
            StartCode = (ulong)first.Address,
            EndCode = (ulong)last.Address,
            StartData = (ulong)last.Address,
            EndData = end,
            StartBreak = end + (ulong)ProgramImage.PageSize,
            Break = end + (ulong)ProgramImage.PageSize,
            StartStack = somewhere,
            ArgumentStart = somewhere,
            ArgumentEnd = somewhere + (ulong)line.Length,
            EnvironmentStart = somewhere + (ulong)line.Length,
            EnvironmentEnd = somewhere + (ulong)line.Length,
            File = (uint)_file,
        };
    }

    // struct prctl_mm_map (linux/prctl.h)
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)]
    private struct MemoryMap
    {
        public ulong StartCode, EndCode, StartData, EndData, StartBreak, Break, StartStack, ArgumentStart, ArgumentEnd, EnvironmentStart, EnvironmentEnd, AuxiliaryVector;
        public uint AuxiliaryVectorSize, File;
    }
}
