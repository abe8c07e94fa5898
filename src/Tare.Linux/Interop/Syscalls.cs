using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

/// <summary>
/// Numbers of the system calls that Tare makes itself (arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h). Calls from
/// 424 on have one number on all architectures.
/// </summary>
public static class Syscalls
{
    private static readonly bool s_arm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>read(2).</summary>
    public static readonly int Read = s_arm64 ? 63 : 0;

    /// <summary>write(2).</summary>
    public static readonly int Write = s_arm64 ? 64 : 1;

    /// <summary>close(2).</summary>
    public static readonly int Close = s_arm64 ? 57 : 3;

    /// <summary>socket(2).</summary>
    public static readonly int Socket = s_arm64 ? 198 : 41;

    /// <summary>ioctl(2).</summary>
    public static readonly int Ioctl = s_arm64 ? 29 : 16;

    /// <summary>dup3(2).</summary>
    public static readonly int Dup3 = s_arm64 ? 24 : 292;

    /// <summary>fcntl(2).</summary>
    public static readonly int Fcntl = s_arm64 ? 25 : 72;

    /// <summary>openat(2).</summary>
    public static readonly int OpenAt = s_arm64 ? 56 : 257;

    /// <summary>mmap(2).</summary>
    public static readonly int Mmap = s_arm64 ? 222 : 9;

    /// <summary>munmap(2).</summary>
    public static readonly int Munmap = s_arm64 ? 215 : 11;

    /// <summary>mremap(2).</summary>
    public static readonly int Mremap = s_arm64 ? 216 : 25;

    /// <summary>memfd_create(2).</summary>
    public static readonly int MemfdCreate = s_arm64 ? 279 : 319;

    /// <summary>pipe2(2).</summary>
    public static readonly int Pipe2 = s_arm64 ? 59 : 293;

    /// <summary>lseek(2).</summary>
    public static readonly int Lseek = s_arm64 ? 62 : 8;

    /// <summary>clone(2).</summary>
    public static readonly int Clone = s_arm64 ? 220 : 56;

    /// <summary>clock_gettime(2).</summary>
    public static readonly int ClockGettime = s_arm64 ? 113 : 228;

    /// <summary>set_mempolicy(2).</summary>
    public static readonly int SetMempolicy = s_arm64 ? 237 : 238;

    /// <summary>sched_setaffinity(2).</summary>
    public static readonly int SchedSetaffinity = s_arm64 ? 122 : 203;

    /// <summary>madvise(2).</summary>
    public static readonly int Madvise = s_arm64 ? 233 : 28;

    /// <summary>mkdirat(2).</summary>
    public static readonly int MkdirAt = s_arm64 ? 34 : 258;

    /// <summary>mknodat(2).</summary>
    public static readonly int MknodAt = s_arm64 ? 33 : 259;

    /// <summary>fchownat(2).</summary>
    public static readonly int FchownAt = s_arm64 ? 54 : 260;

    /// <summary>fchown(2).</summary>
    public static readonly int Fchown = s_arm64 ? 55 : 93;

    /// <summary>unlinkat(2).</summary>
    public static readonly int UnlinkAt = s_arm64 ? 35 : 263;

    /// <summary>statx(2).</summary>
    public static readonly int Statx = s_arm64 ? 291 : 332;

    /// <summary>symlinkat(2).</summary>
    public static readonly int SymlinkAt = s_arm64 ? 36 : 266;

    /// <summary>readlinkat(2).</summary>
    public static readonly int ReadlinkAt = s_arm64 ? 78 : 267;

    /// <summary>faccessat(2), without flags.</summary>
    public static readonly int FaccessAt = s_arm64 ? 48 : 269;

    /// <summary>fchmodat(2).</summary>
    public static readonly int FchmodAt = s_arm64 ? 53 : 268;

    /// <summary>chdir(2).</summary>
    public static readonly int Chdir = s_arm64 ? 49 : 80;

    /// <summary>fchdir(2).</summary>
    public static readonly int Fchdir = s_arm64 ? 50 : 81;

    /// <summary>getcwd(2).</summary>
    public static readonly int Getcwd = s_arm64 ? 17 : 79;

    /// <summary>chroot(2).</summary>
    public static readonly int Chroot = s_arm64 ? 51 : 161;

    /// <summary>umask(2).</summary>
    public static readonly int Umask = s_arm64 ? 166 : 95;

    /// <summary>mount(2).</summary>
    public static readonly int Mount = s_arm64 ? 40 : 165;

    /// <summary>umount2(2).</summary>
    public static readonly int Umount2 = s_arm64 ? 39 : 166;

    /// <summary>pivot_root(2).</summary>
    public static readonly int PivotRoot = s_arm64 ? 41 : 155;

    /// <summary>sethostname(2).</summary>
    public static readonly int SetHostname = s_arm64 ? 161 : 170;

    /// <summary>setdomainname(2).</summary>
    public static readonly int SetDomainname = s_arm64 ? 162 : 171;

    /// <summary>setns(2).</summary>
    public static readonly int Setns = s_arm64 ? 268 : 308;

    /// <summary>unshare(2).</summary>
    public static readonly int Unshare = s_arm64 ? 97 : 272;

    /// <summary>prctl(2).</summary>
    public static readonly int Prctl = s_arm64 ? 167 : 157;

    /// <summary>capset(2).</summary>
    public static readonly int Capset = s_arm64 ? 91 : 126;

    /// <summary>setgroups(2).</summary>
    public static readonly int Setgroups = s_arm64 ? 159 : 116;

    /// <summary>setresuid(2).</summary>
    public static readonly int Setresuid = s_arm64 ? 147 : 117;

    /// <summary>setfsuid(2).</summary>
    public static readonly int Setfsuid = s_arm64 ? 151 : 122;

    /// <summary>setfsgid(2).</summary>
    public static readonly int Setfsgid = s_arm64 ? 152 : 123;

    /// <summary>setresgid(2).</summary>
    public static readonly int Setresgid = s_arm64 ? 149 : 119;

    /// <summary>setsid(2).</summary>
    public static readonly int Setsid = s_arm64 ? 157 : 112;

    /// <summary>prlimit64(2).</summary>
    public static readonly int Prlimit64 = s_arm64 ? 261 : 302;

    /// <summary>seccomp(2).</summary>
    public static readonly int Seccomp = s_arm64 ? 277 : 317;

    /// <summary>execve(2).</summary>
    public static readonly int Execve = s_arm64 ? 221 : 59;

    /// <summary>exit_group(2).</summary>
    public static readonly int ExitGroup = s_arm64 ? 94 : 231;

    /// <summary>rt_sigprocmask(2).</summary>
    public static readonly int RtSigprocmask = s_arm64 ? 135 : 14;

    /// <summary>rt_sigaction(2).</summary>
    public static readonly int RtSigaction = s_arm64 ? 134 : 13;

    /// <summary>sendmsg(2).</summary>
    public static readonly int Sendmsg = s_arm64 ? 211 : 46;

    /// <summary>personality(2).</summary>
    public static readonly int Personality = s_arm64 ? 92 : 135;

    /// <summary>keyctl(2).</summary>
    public static readonly int Keyctl = s_arm64 ? 219 : 250;

    /// <summary>wait4(2).</summary>
    public static readonly int Wait4 = s_arm64 ? 260 : 61;

    /// <summary>kill(2).</summary>
    public static readonly int Kill = s_arm64 ? 129 : 62;

    /// <summary>rt_sigtimedwait(2).</summary>
    public static readonly int RtSigtimedwait = s_arm64 ? 137 : 128;

    /// <summary>ioprio_set(2).</summary>
    public static readonly int IoprioSet = s_arm64 ? 30 : 251;

    /// <summary>sched_setattr(2).</summary>
    public static readonly int SchedSetattr = s_arm64 ? 274 : 314;

    /// <summary>signalfd4(2).</summary>
    public static readonly int SignalFd4 = s_arm64 ? 74 : 289;

    /// <summary>newfstatat(2).</summary>
    public static readonly int NewFstatAt = s_arm64 ? 79 : 262;

    /// <summary>getdents64(2).</summary>
    public static readonly int Getdents64 = s_arm64 ? 61 : 217;

    /// <summary>renameat2(2).</summary>
    public static readonly int RenameAt2 = s_arm64 ? 276 : 316;

    /// <summary>name_to_handle_at(2).</summary>
    public static readonly int NameToHandleAt = s_arm64 ? 264 : 303;

    /// <summary>open_by_handle_at(2).</summary>
    public static readonly int OpenByHandleAt = s_arm64 ? 265 : 304;

    /// <summary>quotactl(2).</summary>
    public static readonly int Quotactl = s_arm64 ? 60 : 179;

    /// <summary>pidfd_send_signal(2), 5.1.</summary>
    public const int PidfdSendSignal = 424;

    /// <summary>open_tree(2), 5.2.</summary>
    public const int OpenTree = 428;

    /// <summary>move_mount(2), 5.2.</summary>
    public const int MoveMount = 429;

    /// <summary>fsopen(2), 5.2.</summary>
    public const int Fsopen = 430;

    /// <summary>fsconfig(2), 5.2.</summary>
    public const int Fsconfig = 431;

    /// <summary>fsmount(2), 5.2.</summary>
    public const int Fsmount = 432;

    /// <summary>pidfd_open(2), 5.3.</summary>
    public const int PidfdOpen = 434;

    /// <summary>clone3(2), 5.3.</summary>
    public const int Clone3 = 435;

    /// <summary>close_range(2), 5.9.</summary>
    public const int CloseRange = 436;

    /// <summary>openat2(2), 5.6.</summary>
    public const int OpenAt2 = 437;

    /// <summary>pidfd_getfd(2), 5.6.</summary>
    public const int PidfdGetfd = 438;

    /// <summary>faccessat2(2), 5.8.</summary>
    public const int FaccessAt2 = 439;

    /// <summary>mount_setattr(2), 5.12.</summary>
    public const int MountSetattr = 442;

    /// <summary>quotactl_fd(2), 5.14.</summary>
    public const int QuotactlFd = 443;
}
