using System.Runtime.InteropServices;
using Tare.Oci.Runtime;

namespace Tare.Engine.Security;

/// <summary>
/// Docker's default seccomp profile, as dockerd 28.5 resolves it for a container: a list of allowed system calls, widened by the container's
/// capabilities; every other call fails with EPERM.
/// </summary>
public static class DefaultSeccompProfile
{
    private const string Allow = "SCMP_ACT_ALLOW";
    private const string Equal = "SCMP_CMP_EQ";
    private const uint NoSuchCall = 38;
    private const ulong VsockFamily = 40;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: a container without CAP_SYS_ADMIN makes no namespaces.
    private const ulong NamespaceFlags = 0x7E020000;

    private static readonly Version s_safePtrace = new(4, 8);

    // PER_LINUX, PER_LINUX32, UNAME26, PER_LINUX32 | UNAME26, and the query (personality(2)).
    private static readonly ulong[] s_personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

    private static readonly string[] s_always = (
        "accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64 clock_getres "
        + "clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 "
        + "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group "
        + "faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync "
        + "fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue "
        + "futex_time64 futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 "
        + "getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit "
        + "get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch "
        + "inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents io_pgetevents_time64 ioprio_get ioprio_set io_setup "
        + "io_submit ipc kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr "
        + "listxattrat llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir "
        + "mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend "
        + "mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat "
        + "_newselect open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 "
        + "preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom "
        + "recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 restart_syscall riscv_hwprobe rmdir rseq "
        + "rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo "
        + "sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval "
        + "sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop "
        + "semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups "
        + "setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit "
        + "set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack "
        + "signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync "
        + "sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 "
        + "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink "
        + "unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev").Split(' ');

    private static readonly (string Capability, string[] Calls)[] s_granted =
    [
        ("CAP_SYS_BOOT", ["reboot"]),
        ("CAP_SYS_CHROOT", ["chroot"]),
        ("CAP_SYS_MODULE", ["delete_module", "init_module", "finit_module"]),
        ("CAP_SYS_PACCT", ["acct"]),
        ("CAP_SYS_PTRACE", ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"]),
        ("CAP_SYS_RAWIO", ["iopl", "ioperm"]),
        ("CAP_SYS_TIME", ["settimeofday", "stime", "clock_settime", "clock_settime64"]),
        ("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        ("CAP_SYS_NICE", ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"]),
        ("CAP_SYSLOG", ["syslog"]),
        ("CAP_BPF", ["bpf"]),
        ("CAP_PERFMON", ["perf_event_open"]),
    ];

    private static readonly string[] s_administration =
    [
        "bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "lsm_get_self_attr", "lsm_list_modules",
        "lsm_set_self_attr", "mount", "mount_setattr", "move_mount", "open_tree", "perf_event_open", "quotactl", "quotactl_fd", "setdomainname",
        "sethostname", "setns", "syslog", "umount", "umount2", "unshare",
    ];

    /// <summary>The profile of one container.</summary>
    /// <param name="capabilities">Its bounding set, by names (<c>CAP_CHOWN</c>).</param>
    /// <param name="architecture">The machine's architecture: X64 or Arm64 (others get the allow list alone).</param>
    /// <param name="kernel">The kernel's version: below 4.8 ptrace could circumvent the filter, and stays forbidden.</param>
    public static LinuxSeccomp Create(IReadOnlyCollection<string> capabilities, Architecture architecture, Version kernel)
    {
        ArgumentNullException.ThrowIfNull(capabilities);
        List<LinuxSyscallRule> rules = [Allowed(s_always)];
        if (kernel >= s_safePtrace)
        {
            rules.Add(Allowed("process_vm_readv", "process_vm_writev", "ptrace"));
        }

        rules.Add(AllowedWhen("socket", "SCMP_CMP_NE", VsockFamily));
        rules.AddRange(s_personalities.Select(p => AllowedWhen("personality", Equal, p)));
        AddArchitecture(rules, architecture);
        AddCapabilities(rules, capabilities);
        return new LinuxSeccomp
        {
            DefaultAction = "SCMP_ACT_ERRNO",
            DefaultErrnoRet = 1,
            Architectures = architecture switch
            {
                Architecture.X64 => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                Architecture.Arm64 => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
                _ => null,
            },
            Syscalls = rules,
        };
    }

    private static void AddArchitecture(List<LinuxSyscallRule> rules, Architecture architecture)
    {
        if (architecture == Architecture.Arm64)
        {
            rules.Add(Allowed("arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush", "set_tls"));
        }
        else if (architecture == Architecture.X64)
        {
            rules.Add(Allowed("arch_prctl"));
            rules.Add(Allowed("modify_ldt"));
        }
    }

    private static void AddCapabilities(List<LinuxSyscallRule> rules, IReadOnlyCollection<string> capabilities)
    {
        if (capabilities.Contains("CAP_DAC_READ_SEARCH"))
        {
            rules.Add(Allowed("open_by_handle_at"));
        }

        if (capabilities.Contains("CAP_SYS_ADMIN"))
        {
            rules.Add(Allowed(s_administration));
        }
        else
        {
            rules.Add(AllowedWhen("clone", "SCMP_CMP_MASKED_EQ", NamespaceFlags));

            // A filter cannot look into clone3's structure: programs fall back to clone when it is missing.
            rules.Add(new LinuxSyscallRule { Names = ["clone3"], Action = "SCMP_ACT_ERRNO", ErrnoRet = NoSuchCall });
        }

        foreach ((string capability, string[] calls) in s_granted)
        {
            if (capabilities.Contains(capability))
            {
                rules.Add(Allowed(calls));
            }
        }
    }

    private static LinuxSyscallRule Allowed(params string[] names) => new() { Names = [.. names], Action = Allow };

    private static LinuxSyscallRule AllowedWhen(string name, string op, ulong value) =>
        new() { Names = [name], Action = Allow, Args = [new LinuxSyscallArgument { Index = 0, Op = op, Value = value }] };
}
