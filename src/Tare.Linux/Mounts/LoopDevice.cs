using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Mounts;

/// <summary>
/// A block device that stands for a file (loop(4)). It clears itself when the last mount and the last descriptor have gone; this object holds one until then. A file that
/// has a device already gets no second one, for two devices of one file have caches that know nothing of each other.
/// </summary>
public sealed unsafe class LoopDevice : IDisposable
{
    private const int GetFree = 0x4C82; // LOOP_CTL_GET_FREE
    private const int Configure = 0x4C0A; // LOOP_CONFIGURE, Linux 5.8
    private const int SetDescriptor = 0x4C00; // LOOP_SET_FD
    private const int ClearDescriptor = 0x4C01; // LOOP_CLR_FD
    private const int SetStatus = 0x4C04; // LOOP_SET_STATUS64
    private const int GetStatus = 0x4C05; // LOOP_GET_STATUS64
    private const uint ReadOnlyFlag = 1; // LO_FLAGS_READ_ONLY
    private const uint AutoClearFlag = 4; // LO_FLAGS_AUTOCLEAR
    private const int Attempts = 16;
    private const uint BlockType = 0x6000; // S_IFBLK
    private const int LoopMajor = 7;
    private readonly SafeFileHandle _device;

    private LoopDevice(SafeFileHandle device, string path, bool isReadOnly)
    {
        _device = device;
        Path = path;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The device's path.</summary>
    public string Path { get; }

    /// <summary>Whether it can only be read: as asked for, or because the file can.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Attaches a file, or finds the device that it has.</summary>
    /// <param name="file">The file.</param>
    /// <param name="readOnly">Whether the device may not be written to.</param>
    /// <param name="offset">Where in the file the device starts, in bytes.</param>
    /// <param name="sizeLimit">How many bytes of the file it has; 0 for all.</param>
    /// <exception cref="LinuxException">The file cannot be opened, or there is no free device. EBUSY: its present device can only be read.</exception>
    public static LoopDevice Attach(string file, bool readOnly, ulong offset, ulong sizeLimit)
    {
        using SafeFileHandle backing = OpenBacking(file, ref readOnly);
        Libc.statx_t status;
        byte empty = 0;
        if (Libc.statx((int)backing.DangerousGetHandle(), &empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status) != 0)
        {
            throw LinuxException.Last("statx", file);
        }

        if (Find(in status, offset, sizeLimit) is { } present)
        {
            if (present.IsReadOnly && !readOnly)
            {
                present.Dispose();
                throw new LinuxException(Errno.EBUSY, "ioctl LOOP_CONFIGURE", file);
            }

            return present;
        }

        Information information = new() { Offset = offset, SizeLimit = sizeLimit, Flags = AutoClearFlag | (readOnly ? ReadOnlyFlag : 0) };
        _ = Encoding.UTF8.GetBytes(file.AsSpan(0, Math.Min(file.Length, 15)), new Span<byte>(information.FileName, 63));
        return AttachFree(backing, file, in information);
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    private static LoopDevice AttachFree(SafeFileHandle backing, string file, in Information information)
    {
        using SafeFileHandle control = Open("/dev/loop-control", Libc.O_RDWR);
        for (int attempt = 0; ; attempt++)
        {
            int number = (int)Libc.Syscall(Syscalls.Ioctl, (int)control.DangerousGetHandle(), GetFree);
            if (number < 0)
            {
                throw LinuxException.Last("ioctl LOOP_CTL_GET_FREE", "/dev/loop-control");
            }

            string path = PathOf(number);
            SafeFileHandle device = Open(path, (information.Flags & ReadOnlyFlag) != 0 ? Libc.O_RDONLY : Libc.O_RDWR);
            if (TryConfigure(device, backing, in information))
            {
                return new LoopDevice(device, path, (information.Flags & ReadOnlyFlag) != 0);
            }

            // EBUSY: somebody else took it meanwhile.
            LinuxException failure = LinuxException.Last("ioctl LOOP_CONFIGURE", file);
            device.Dispose();
            if (failure.Errno != Errno.EBUSY || attempt == Attempts)
            {
                throw failure;
            }
        }
    }

    private static bool TryConfigure(SafeFileHandle device, SafeFileHandle backing, in Information information)
    {
        int fd = (int)device.DangerousGetHandle();
        Configuration configuration = new() { Descriptor = (uint)(int)backing.DangerousGetHandle(), Information = information };
        if (Libc.Syscall(Syscalls.Ioctl, fd, Configure, (nint)(&configuration)) == 0)
        {
            return true;
        }

        if ((Errno)Marshal.GetLastPInvokeError() is not (Errno.EINVAL or Errno.ENOTTY))
        {
            return false;
        }

        if (Libc.Syscall(Syscalls.Ioctl, fd, SetDescriptor, (int)backing.DangerousGetHandle()) != 0)
        {
            return false;
        }

        Information copy = information;
        if (Libc.Syscall(Syscalls.Ioctl, fd, SetStatus, (nint)(&copy)) == 0)
        {
            return true;
        }

        int errno = Marshal.GetLastPInvokeError();
        _ = Libc.Syscall(Syscalls.Ioctl, fd, ClearDescriptor);
        Marshal.SetLastPInvokeError(errno);
        return false;
    }

    private static LoopDevice? Find(in Libc.statx_t file, ulong offset, ulong sizeLimit)
    {
        foreach (string folder in Directory.EnumerateDirectories("/sys/block", "loop*"))
        {
            if (!File.Exists(folder + "/loop/backing_file")
                || !int.TryParse(System.IO.Path.GetFileName(folder).AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                continue;
            }

            string path = PathOf(number);
            int fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            if (fd < 0)
            {
                continue;
            }

            SafeFileHandle device = new(fd, ownsHandle: true);
            Information present;
            if (Libc.Syscall(Syscalls.Ioctl, fd, GetStatus, (nint)(&present)) == 0 && present.Inode == file.stx_ino && present.Device == EncodeDevice(in file)
                && present.Offset == offset && present.SizeLimit == sizeLimit)
            {
                return new LoopDevice(device, path, (present.Flags & ReadOnlyFlag) != 0);
            }

            device.Dispose();
        }

        return null;
    }

    // huge_encode_dev of include/linux/kdev_t.h
    private static ulong EncodeDevice(in Libc.statx_t file) => (file.stx_dev_minor & 0xFF) | (file.stx_dev_major << 8) | ((file.stx_dev_minor & ~0xFFu) << 12);

    // Where no service makes the nodes, only the first few are there.
    private static string PathOf(int number)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/dev/loop{number}");
        if (!File.Exists(path))
        {
            _ = Libc.mknodat(Libc.AT_FDCWD, path, BlockType | 0x1B0, (ulong)((number & 0xFF) | (LoopMajor << 8) | ((number & ~0xFF) << 12)));
        }

        return path;
    }

    private static SafeFileHandle OpenBacking(string file, ref bool readOnly)
    {
        int fd = readOnly ? -1 : Libc.open(file, Libc.O_RDWR | Libc.O_CLOEXEC, 0);
        if (fd >= 0)
        {
            return new SafeFileHandle(fd, ownsHandle: true);
        }

        if (!readOnly && (Errno)Marshal.GetLastPInvokeError() is not (Errno.EROFS or Errno.EACCES or Errno.EPERM))
        {
            throw LinuxException.Last("open", file);
        }

        readOnly = true;
        return Open(file, Libc.O_RDONLY);
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        int fd = Libc.open(path, flags | Libc.O_CLOEXEC, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last("open", path);
    }

    /// <summary>struct loop_info64 (include/uapi/linux/loop.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Information
    {
        public ulong Device;
        public ulong Inode;
        public ulong RawDevice;
        public ulong Offset;
        public ulong SizeLimit;
        public uint Number;
        public uint EncryptType;
        public uint EncryptKeySize;
        public uint Flags;
        public fixed byte FileName[64];
        public fixed byte CryptName[64];
        public fixed byte EncryptKey[32];
        public ulong Init0;
        public ulong Init1;
    }

    /// <summary>struct loop_config.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Configuration
    {
        public uint Descriptor;
        public uint BlockSize;
        public Information Information;
        public fixed ulong Reserved[8];
    }
}
