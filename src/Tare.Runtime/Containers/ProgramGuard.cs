using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Containers;

/// <summary>Decides how this program's file is kept from the container's processes: see <see cref="OwnProgram"/>.</summary>
internal static unsafe class ProgramGuard
{
    private const string Link = "/proc/self/exe";
    private const int WriteAccess = 2; // W_OK
    private const int AtEffectiveAccess = 0x200; // AT_EACCESS
    private const int AllowSealing = 2; // MFD_ALLOW_SEALING
    private const int AddSeals = 1033; // F_ADD_SEALS
    private const int AllSeals = 1 | 2 | 4 | 8; // F_SEAL_SEAL, SHRINK, GROW, WRITE
    private const int CopySize = 1 << 20;

    private static SafeFileHandle? s_readOnly;
    private static SafeFileHandle? s_clone;

    /// <summary>
    /// To be called first by each command that makes a process in a container. Where the child cannot be given a read-only program (no
    /// CAP_SYS_ADMIN, or a kernel without CONFIG_CHECKPOINT_RESTORE) and the file could be written by this user, executes a sealed copy of the
    /// program with the same arguments instead (memfd_create(2)), and does not return.
    /// </summary>
    /// <exception cref="LinuxException">The copy could not be made.</exception>
    public static void Enter()
    {
        if (IsSealedCopy())
        {
            return;
        }

        try
        {
            s_readOnly = OwnProgram.IsSupported ? OwnProgram.OpenReadOnly(out s_clone) : null;
        }
        catch (LinuxException)
        {
            // Without the right to clone mounts the other way is left.
        }

        if (s_readOnly is null && IsWritable())
        {
            ExecuteSealedCopy();
        }
    }

    /// <summary>The program to give to a child; null where it needs none. The caller disposes of it once the child was cloned.</summary>
    /// <exception cref="LinuxException">/proc cannot be read, or memory is short.</exception>
    public static OwnProgram? ForChild() => s_readOnly is { } file ? new OwnProgram(file) : null;

    /// <summary>Lets go of what <see cref="Enter"/> left open. To be called when there is something to wait for.</summary>
    public static void ReleaseMount() => s_clone?.Dispose();

    // Ids inside map to this user's at most: what this user may not write, the container may not either.
    private static bool IsWritable()
    {
        fixed (byte* path = "/proc/self/exe\0"u8)
        {
            return Libc.Syscall(Syscalls.FaccessAt2, Libc.AT_FDCWD, (nint)path, WriteAccess, AtEffectiveAccess) == 0;
        }
    }

    private static bool IsSealedCopy()
    {
        Span<byte> name = stackalloc byte[16];
        fixed (byte* buffer = name)
        {
            return Libc.readlink(Link, buffer, (nuint)name.Length) > 0 && name.StartsWith("/memfd:"u8);
        }
    }

    private static void ExecuteSealedCopy()
    {
        nint memory;
        fixed (byte* name = "tare-runtime\0"u8)
        {
            memory = Libc.Syscall(Syscalls.MemfdCreate, (nint)name, AllowSealing | 1); // MFD_CLOEXEC
        }

        if (memory < 0)
        {
            throw LinuxException.Last("memfd_create");
        }

        using SafeFileHandle copy = new(memory, ownsHandle: true);
        using (SafeFileHandle program = File.OpenHandle(Link))
        {
            byte[] buffer = new byte[CopySize];
            long offset = 0;
            int read;
            while ((read = RandomAccess.Read(program, buffer, offset)) > 0)
            {
                RandomAccess.Write(copy, buffer.AsSpan(0, read), offset);
                offset += read;
            }
        }

        if (Libc.fcntl((int)memory, AddSeals, AllSeals) != 0)
        {
            throw LinuxException.Last("fcntl", "F_ADD_SEALS");
        }

        using PlanMemory arguments = new();
        nint path = arguments.String(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{memory}"));
        _ = Libc.execv((byte*)path, (byte**)arguments.StringArray(Environment.GetCommandLineArgs()));
        throw LinuxException.Last("execve", "the sealed copy of tare-runtime");
    }
}
