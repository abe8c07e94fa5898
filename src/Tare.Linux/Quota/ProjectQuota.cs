using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Linux.Quota;

/// <summary>
/// Project quotas of one file system (quotactl(2), ioctl_xfs_fsgetxattr(2)): a tree of files has a project's id, and the file system keeps the project to its limit. xfs
/// mounted with
/// <c>pquota</c> and ext4 with the feature <c>project</c>, mounted with <c>prjquota</c>, have them; both take the calls that xfs brought.
/// </summary>
public sealed unsafe class ProjectQuota : IDisposable
{
    internal const int GetQuota = 0x5803; // Q_XGETQUOTA
    internal const int SetLimits = 0x5804; // Q_XSETQLIM
    internal const int GetState = 0x5805; // Q_XGETQSTAT
    internal const int Projects = 2; // PRJQUOTA
    private const long GetAttributes = 0x801C581F; // FS_IOC_FSGETXATTR
    private const long SetAttributes = 0x401C5820; // FS_IOC_FSSETXATTR
    private const int BlockBytes = 512;
    private readonly SafeFileHandle _folder;
    private readonly string? _device;

    private ProjectQuota(SafeFileHandle folder, string? device)
    {
        _folder = folder;
        _device = device;
    }

    /// <summary>Opens the quotas of the file system that a folder is on; null when it does not enforce project quotas.</summary>
    /// <exception cref="LinuxException">There is no such folder.</exception>
    public static ProjectQuota? TryOpen(string folder)
    {
        SafeFileHandle handle = OpenFolder(folder);
        ProjectQuota quota = new(handle, MountedDevice.Find(folder));
        QuotaState state;
        if (quota.Control(GetState, 0, &state) == 0 && (state.Flags & QuotaState.ProjectsEnforced) != 0)
        {
            return quota;
        }

        quota.Dispose();
        return null;
    }

    /// <summary>Whether nothing belongs to a project and it has no limit.</summary>
    public bool IsFree(uint project)
    {
        // ENOENT: the file system has no entry for it.
        DiskQuota quota;
        return Control(GetQuota, project, &quota) != 0 ? (Errno)Marshal.GetLastPInvokeError() == Errno.ENOENT
            : quota is { BlockCount: 0, InodeCount: 0, BlockHardLimit: 0 };
    }

    /// <summary>Sets how many bytes a project may occupy; 0 for no limit. Rounded up to blocks.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public void SetLimit(uint project, long bytes)
    {
        ulong blocks = (ulong)((bytes + BlockBytes - 1) / BlockBytes);
        DiskQuota quota = new() { Version = 1, Flags = Projects, FieldMask = DiskQuota.BlockLimits, Id = project, BlockHardLimit = blocks, BlockSoftLimit = blocks };
        if (Control(SetLimits, project, &quota) != 0)
        {
            throw LinuxException.Last("quotactl Q_XSETQLIM");
        }
    }

    /// <summary>Makes an empty directory belong to a project, with all that will be made in it.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void Assign(string folder, uint project)
    {
        using SafeFileHandle handle = OpenFolder(folder);
        ProjectAttributes attributes;
        if (Libc.Syscall(Syscalls.Ioctl, (int)handle.DangerousGetHandle(), unchecked((nint)GetAttributes), (nint)(&attributes)) != 0)
        {
            throw LinuxException.Last("ioctl FS_IOC_FSGETXATTR", folder);
        }

        attributes.ProjectId = project;
        attributes.XFlags |= ProjectAttributes.InheritProject;
        if (Libc.Syscall(Syscalls.Ioctl, (int)handle.DangerousGetHandle(), unchecked((nint)SetAttributes), (nint)(&attributes)) != 0)
        {
            throw LinuxException.Last("ioctl FS_IOC_FSSETXATTR", folder);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>The command as quotactl takes it (QCMD of include/uapi/linux/quota.h).</summary>
    internal static int CommandOf(int command, int type) => command << 8 | type;

    // quotactl_fd(2) is of Linux 5.14; before, the block device is named.
    private nint Control(int command, uint id, void* argument)
    {
        int full = CommandOf(command, Projects);
        nint result = Libc.Syscall(Syscalls.QuotactlFd, (int)_folder.DangerousGetHandle(), full, (nint)id, (nint)argument);
        if (result != 0 && _device is not null && (Errno)Marshal.GetLastPInvokeError() == Errno.ENOSYS)
        {
            fixed (byte* device = FileNames.Encode(_device))
            {
                result = Libc.Syscall(Syscalls.Quotactl, full, (nint)device, (nint)id, (nint)argument);
            }
        }

        return result;
    }

    private static SafeFileHandle OpenFolder(string folder)
    {
        int fd = Libc.open(folder, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last("open", folder);
    }
}
