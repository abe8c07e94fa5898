using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;
using Tare.Runtime.Commands;
using Tare.Runtime.Containers;
using Tare.Runtime.Shim.Loop;

namespace Tare.Runtime.Layers;

/// <summary>
/// <c>tare-runtime layer --folder DIR --size BYTES</c>: serves the writable layer of one container and keeps it to a size. Started by the daemon with a listening unix socket as
/// descriptor 3; outlives the daemon, and ends with the mount.
/// </summary>
internal static unsafe class LayerCommand
{
    private const int ListenerDescriptor = 3;
    private const int DescriptorLimit = 7; // RLIMIT_NOFILE

    // What its calls need, by number: CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH (handles), FOWNER, FSETID, SYS_ADMIN (trusted.*), MKNOD, SETFCAP.
    private const ulong NeededCapabilities = 1UL << 0 | 1UL << 1 | 1UL << 2 | 1UL << 3 | 1UL << 4 | 1UL << 21 | 1UL << 27 | 1UL << 31;

    /// <summary>Runs the command.</summary>
    public static int Run(CommandLineReader reader)
    {
        string? folder = null;
        long size = 0;
        while (reader.NextOption())
        {
            switch (reader.Option)
            {
                case "folder":
                    folder = Path.GetFullPath(reader.Value());
                    break;
                case "size":
                    string text = reader.Value();
                    size = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes > 0
                        ? bytes : throw new RuntimeException(ErrorKind.Invalid, $"layer: --size \"{text}\" is no number of bytes");
                    break;
                default:
                    throw reader.Unknown("layer");
            }
        }

        if (folder is null || size == 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, "layer: --folder and --size are needed");
        }

        _ = Libc.setsid();
        _ = Libc.fcntl(ListenerDescriptor, Libc.F_SETFD, Libc.FD_CLOEXEC);
        SafeFileHandle listener = new(ListenerDescriptor, ownsHandle: true);
        try
        {
            using LayerProcess process = Prepare(folder, size, listener);
            process.Run();
            return 0;
        }
        catch (Exception failure) when (failure is LinuxException or IOException)
        {
            Tell(listener, "error: " + failure.Message);
            throw;
        }
    }

    private static LayerProcess Prepare(string folder, long size, SafeFileHandle listener)
    {
        // The server of an earlier mount may still have to write what that one's end left in the page cache.
        _ = FolderLock.TryTake(folder + "/work") ?? throw LinuxException.Last("flock", folder + "/work");
        long descriptors = RaiseDescriptorLimit();
        SafeFileHandle device = FuseMount.OpenDevice();
        int root = Open(folder);
        EnterDescriptorLinks();
        DescriptorLinks links = new("");
        LayerServer server = new(MakeNodes(root, links), links, size, descriptors);
        SafeFileHandle mount = FuseMount.Mount(device, "tare-layer");
        Confine(root);
        server.Account.Recount();
        return new LayerProcess(device, mount, listener, server);
    }

    private static INodes MakeNodes(int root, DescriptorLinks links)
    {
        try
        {
            return new HandleNodes(root);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.EOPNOTSUPP or Errno.EOVERFLOW)
        {
            return new DescriptorNodes(root, links);
        }
    }

    private static int Open(string folder)
    {
        int fd = Libc.open(folder, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return fd >= 0 ? fd : throw LinuxException.Last("open", folder);
    }

    // With the links as the working directory they are found from within any root.
    private static void EnterDescriptorLinks()
    {
        int fd = Open("/proc/self/fd");
        if (Libc.fchdir(fd) != 0)
        {
            throw LinuxException.Last("fchdir", "/proc/self/fd");
        }

        _ = Libc.close(fd);
    }

    private static long RaiseDescriptorLimit()
    {
        ulong* limit = stackalloc ulong[2];
        if (Libc.Syscall(Syscalls.Prlimit64, 0, DescriptorLimit, 0, (nint)limit) != 0)
        {
            throw LinuxException.Last("prlimit64");
        }

        limit[0] = limit[1];
        _ = Libc.Syscall(Syscalls.Prlimit64, 0, DescriptorLimit, (nint)limit, 0);
        return (long)Math.Min(limit[0], long.MaxValue);
    }

    // Nothing is looked up by path from here on, and nothing outside the container's folder could be.
    private static void Confine(int root)
    {
        const int NoNewPrivileges = 38;
        byte* here = stackalloc byte[32];
        _ = Encoding.ASCII.GetBytes(root.ToString(CultureInfo.InvariantCulture) + "\0", new Span<byte>(here, 32));
        if (Libc.chroot(here) != 0)
        {
            throw LinuxException.Last("chroot");
        }

        uint* header = stackalloc uint[2];
        (header[0], header[1]) = (0x20080522, 0); // _LINUX_CAPABILITY_VERSION_3
        uint* sets = stackalloc uint[6];
        for (int i = 0; i < 2; i++)
        {
            uint half = (uint)(NeededCapabilities >> (32 * i));
            (sets[3 * i], sets[(3 * i) + 1], sets[(3 * i) + 2]) = (half, half, 0);
        }

        if (Libc.Syscall(Syscalls.Capset, (nint)header, (nint)sets) != 0)
        {
            throw LinuxException.Last("capset");
        }

        _ = Libc.Syscall(Syscalls.Prctl, NoNewPrivileges, 1);
    }

    // Who started this waits for the mount and is told why there is none.
    private static void Tell(SafeFileHandle listener, string message)
    {
        int fd = Libc.accept4(Descriptors.Number(listener), null, null, Libc.SOCK_CLOEXEC);
        if (fd >= 0)
        {
            _ = Descriptors.Send(fd, Encoding.UTF8.GetBytes(message));
            _ = Libc.close(fd);
        }
    }
}
