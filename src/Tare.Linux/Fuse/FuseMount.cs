using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Linux.Fuse;

/// <summary>Opens the kernel's device and mounts what is served over it; the mount stands in no directory (<see cref="DetachedMount"/>).</summary>
public static class FuseMount
{
    /// <summary>Largest write, and largest read: 256 pages, the most that the kernel allows by itself (fs.fuse.max_pages_limit).</summary>
    public const int MaxTransferBytes = 1 << 20;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="LinuxException">ENOENT, ENODEV: the kernel has no FUSE.</exception>
    public static SafeFileHandle OpenDevice()
    {
        int fd = Libc.open("/dev/fuse", Libc.O_RDWR | Libc.O_CLOEXEC | Libc.O_NONBLOCK, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last("open", "/dev/fuse");
    }

    /// <summary>Mounts a connection, whose first request then comes. Permissions are checked by the kernel, and every user of the mount is served.</summary>
    /// <param name="device">The connection.</param>
    /// <param name="source">What the table of mounts names as the source.</param>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static SafeFileHandle Mount(SafeFileHandle device, string source)
    {
        string number = ((int)device.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
        SafeFileHandle mount = DetachedMount.Make(
            "fuse",
            [
                ("source", source), ("fd", number), ("rootmode", "40000"), ("user_id", "0"), ("group_id", "0"), ("allow_other", null), ("default_permissions", null),
                ("max_read", MaxTransferBytes.ToString(CultureInfo.InvariantCulture)),
            ],
            MountAttributes.None);
        GC.KeepAlive(device);
        return mount;
    }
}
