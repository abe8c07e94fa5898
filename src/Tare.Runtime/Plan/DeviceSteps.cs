using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;
using Tare.Runtime.Checkpoint;

namespace Tare.Runtime.Plan;

/// <summary>Device nodes, and the links that programs expect in /dev (config-linux.md, Default devices).</summary>
internal static class DeviceSteps
{
    private const uint Character = 0x2000;
    private const uint Block = 0x6000;
    private const uint Pipe = 0x1000;

    private static readonly LinuxDevice[] s_defaults =
    [
        Default("/dev/null", 1, 3), Default("/dev/zero", 1, 5), Default("/dev/full", 1, 7), Default("/dev/random", 1, 8), Default("/dev/urandom", 1, 9),
        Default("/dev/tty", 5, 0),
    ];

    private static readonly (string Path, string Target)[] s_links =
    [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
    ];

    /// <summary>Whether /dev is a directory from outside, in which nothing is made or replaced: it is the host's own, or somebody else's.</summary>
    /// <param name="mounts">The container's mounts; null for none.</param>
    public static bool IsFromOutside(IEnumerable<Mount>? mounts) =>
        mounts?.Any(mount => Path.TrimEndingDirectorySeparator(mount.Destination) == "/dev" && ExternalMounts.IsBind(mount, out _)) ?? false;

    /// <summary>Adds the steps.</summary>
    /// <param name="child">The child's steps.</param>
    /// <param name="root">The container's root.</param>
    /// <param name="linux">The configuration.</param>
    /// <param name="terminal">Whether the process has a terminal.</param>
    /// <param name="bind">Whether nodes are bind-mounted from outside, since a user namespace may not make them.</param>
    public static void Make(PlanBuilder child, Slot root, LinuxSpec linux, bool terminal, bool bind)
    {
        Slot dev = child.EnsureTarget(root, "/dev", directory: true);
        child.OpenInRoot(root, "/dev", Libc.O_PATH | Libc.O_DIRECTORY, dev);
        child.Call("umask", Syscalls.Umask, "0", 0);
        List<LinuxDevice> given = linux.Devices ?? [];
        foreach (LinuxDevice device in s_defaults.Where(d => !given.Exists(other => other.Path == d.Path)).Concat(given))
        {
            if (bind && device.Type != "p")
            {
                child.Attach(child.CloneMount(device.Path, recursive: false), child.EnsureTarget(root, device.Path, directory: false));
            }
            else
            {
                MakeNode(child, root, dev, device);
            }
        }

        child.Call("umask", Syscalls.Umask, "022", 0x12);
        foreach ((string path, string target) in s_links)
        {
            child.Call("symlinkat", Syscalls.SymlinkAt, FileSteps.Quote("/dev/" + path), child.Memory.String(target), dev, child.Memory.String(path)).Ignoring(Errno.EEXIST);
        }

        LinkPtmx(child, root, dev);
        if (terminal)
        {
            child.EnsureTarget(root, "/dev/console", directory: false);
        }
    }

    private static void LinkPtmx(PlanBuilder child, Slot root, Slot dev)
    {
        // Only where a devpts of the container's own is there; an image's /dev/ptmx stays otherwise.
        Slot own = child.NewSlot("/dev/pts/ptmx");
        child.OpenInRoot(root, "/dev/pts/ptmx", Libc.O_PATH, own).Tolerant();
        nint name = child.Memory.String("ptmx");
        child.When(own, StepCondition.Succeeded, () =>
        {
            child.Call("unlinkat", Syscalls.UnlinkAt, "\"/dev/ptmx\"", dev, name, 0).Ignoring(Errno.ENOENT, Errno.EBUSY);
            child.Call("symlinkat", Syscalls.SymlinkAt, "\"/dev/ptmx\"", child.Memory.String("pts/ptmx"), dev, name).Ignoring(Errno.EEXIST);
        });
    }

    private static void MakeNode(PlanBuilder child, Slot root, Slot dev, LinuxDevice device)
    {
        string[] parts = device.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (device.Path.Length == 0 || device.Path[0] != '/' || parts.Length == 0)
        {
            throw new ArgumentException($"device \"{device.Path}\": the path is not absolute");
        }

        uint type = device.Type switch
        {
            "c" or "u" => Character,
            "b" => Block,
            "p" => Pipe,
            _ => throw new ArgumentException($"device \"{device.Path}\": type \"{device.Type}\" is unknown"),
        };
        uint mode = device.FileMode & 0xFFF ?? 0x1B6; // 0666
        Slot parent = parts is ["dev", _] ? dev : child.EnsureParents(root, parts);
        nint name = child.Memory.String(parts[^1]);
        Slot made = child.NewSlot(device.Path);
        child.Call("mknodat", Syscalls.MknodAt, FileSteps.Quote(device.Path), parent, name, type | mode, type == Pipe ? 0 : Number(device))
            .Ignoring(Errno.EEXIST)
            .Into(made)
            .Detail($"{device.Type} {device.Major}:{device.Minor}");
        child.When(made, StepCondition.Failed, () => child.ExpectDevice(parent, name, device.Path, type, type == Pipe ? null : (device.Major, device.Minor)));
        if ((device.Uid ?? 0) != 0 || (device.Gid ?? 0) != 0)
        {
            child.Call("fchownat", Syscalls.FchownAt, FileSteps.Quote(device.Path), parent, name, device.Uid ?? 0, device.Gid ?? 0, Libc.AT_SYMLINK_NOFOLLOW);
        }
    }

    // dev_t of the system call: the 32-bit encoding of the kernel (new_encode_dev).
    private static long Number(LinuxDevice device)
        => device.Major is < 0 or > 0xFFF || device.Minor is < 0 or > 0xFFFFF
            ? throw new ArgumentException($"device \"{device.Path}\": {device.Major}:{device.Minor} is out of range")
            : (device.Minor & 0xFF) | (device.Major << 8) | ((device.Minor & ~0xFFL) << 12);

    private static LinuxDevice Default(string path, long major, long minor) => new() { Path = path, Type = "c", Major = major, Minor = minor, FileMode = 0x1B6 };
}
