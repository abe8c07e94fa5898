using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Plan;

/// <summary>Clones the child that runs a plan, and follows it until it has executed the process.</summary>
/// <remarks>The talk between parent and child, over two pipes:
/// <code>
/// parent                                child
/// parent's steps, clone3          -->   steps…
/// id maps, one byte              &lt;-->   sync point "id maps"       (new user namespace)
/// devices, class of service      &lt;-->   sync point "outside"       (netDevices, intelRdt)
/// hooks, one byte                &lt;-->   sync point "hooks"         (hooks of create)
/// take the listener, one byte    &lt;-->   sync point "listener"      (seccomp filter that notifies)
/// ready                          &lt;--    sync point "ready"
///                                       waits at the start gate, if there is one
/// end of the pipe                &lt;--    execve closes it
/// or: step and errno             &lt;--    a failing step, at any time; the child ends
/// </code></remarks>
internal static unsafe class PlanLauncher
{
    private const int CloneArgumentsSize = 88; // struct clone_args up to cgroup (CLONE_ARGS_SIZE_VER2, Linux 5.7)
    private const ulong ClonePidFd = 0x1000;
    private const ulong CloneClearSighand = 0x100000000; // Linux 5.5: no handler of this program runs in the child
    private const ulong CloneIntoCgroup = 0x200000000;
    private const int SigsetSize = 128;
    private const int ScratchSize = 4 * PathMaker.BufferSize;

    /// <summary>Launches a plan and returns when the child is ready to execute.</summary>
    /// <param name="plan">The plan; the caller disposes of it afterwards.</param>
    /// <param name="unifiedCgroup">Directory of the unified hierarchy that the child is born in; null for the parent's.</param>
    /// <param name="describeCommand">Makes the error of a command that is missing, or, where told so, that was found and is refused by execve.</param>
    /// <param name="atSync">What the parent does at a sync point; gets the child and its report.</param>
    /// <param name="meanwhile">What the parent does beside the child's first steps, on the other processor.</param>
    /// <exception cref="RuntimeException">A step failed; the child has ended and is reaped.</exception>
    public static LaunchedChild Launch(SetupPlan plan, SafeFileHandle? unifiedCgroup, Func<Errno, bool, RuntimeException> describeCommand, Action<LaunchedChild, PlanExecutor.Report> atSync, Action<LaunchedChild>? meanwhile = null)
    {
        int failed = PlanExecutor.RunParent(plan, out int errno);
        try
        {
            if (failed >= 0)
            {
                throw StepFailed(plan.ParentInfos[failed], (Errno)errno);
            }

            using DescriptorPair report = DescriptorPair.Pipe();
            using DescriptorPair go = DescriptorPair.Pipe();
            int pidFd = -1;
            int pid = CloneIntoNamespaces(plan, unifiedCgroup, report, go, &pidFd);
            report.Second.Dispose();
            go.First.Dispose();
            LaunchedChild child = new(pid, new SafePidFd(pidFd), Duplicate(report.First), plan.ChildInfos, describeCommand) { HookOutput = plan.HookOutput < 0 ? null : Duplicate(plan.HookOutput) };
            try
            {
                meanwhile?.Invoke(child);
                FollowUntilReady(child, go.Second, atSync);
                return child;
            }
            catch
            {
                child.Abandon();
                throw;
            }
        }
        finally
        {
            CloseSlots(plan);
        }
    }

    /// <summary>The error of a failing step: <c>mount "proc" at "/proc": EPERM (operation not permitted)</c>.</summary>
    public static RuntimeException StepFailed(StepInfo step, Errno errno) => step.Call == "chdir"
        ? new(
            // Callers tell a missing and a forbidden working directory from other faults by the exit codes of commands, as with runc.
            errno switch { Errno.ENOENT or Errno.ENOTDIR => ErrorKind.ExecNotFound, Errno.EACCES => ErrorKind.ExecDenied, _ => ErrorKind.Step },
            $"chdir to cwd ({step.Subject}) set in config.json failed: {errno.Describe()}",
            errno)
        : new(ErrorKind.Step, step.Subject.Length == 0 ? $"{step.Call}: {errno} ({errno.Describe()})" : $"{step.Call} {step.Subject}: {errno} ({errno.Describe()})", errno);

    private static void FollowUntilReady(LaunchedChild child, SafeFileHandle go, Action<LaunchedChild, PlanExecutor.Report> atSync)
    {
        while (true)
        {
            PlanExecutor.Report point = child.ReadSyncPoint() ?? throw child.EndedEarly();
            if (point.Step == PlanExecutor.SyncReady)
            {
                return;
            }

            if (point.Step == PlanExecutor.SyncSibling)
            {
                child.Become(point.Errno);
            }
            else
            {
                atSync(child, point);
            }

            byte one = 1;
            if (Libc.write((int)go.DangerousGetHandle(), &one, 1) != 1)
            {
                throw LinuxException.Last("write");
            }
        }
    }

    private static int CloneIntoNamespaces(SetupPlan plan, SafeFileHandle? unifiedCgroup, DescriptorPair report, DescriptorPair go, int* pidFd)
    {
        using SafeFileHandle? ownPidNamespace = plan.PidNamespace is null ? null : Open("/proc/self/ns/pid");
        PlanMemory memory = new();
        using (memory)
        {
            PlanExecutor.ChildContext* context = (PlanExecutor.ChildContext*)memory.Allocate(sizeof(PlanExecutor.ChildContext));
            *context = new PlanExecutor.ChildContext
            {
                Steps = plan.ChildSteps,
                Count = plan.ChildInfos.Count,
                ReportDescriptor = (int)report.Second.DangerousGetHandle(),
                GoDescriptor = (int)go.First.DangerousGetHandle(),
                ParentReportDescriptor = (int)report.First.DangerousGetHandle(),
                ParentGoDescriptor = (int)go.Second.DangerousGetHandle(),
                Slots = plan.Slots,
                Scratch = memory.Allocate(ScratchSize),
                Write = Syscalls.Write,
                Read = Syscalls.Read,
                ExitGroup = Syscalls.ExitGroup,
                Getcwd = Syscalls.Getcwd,
                Wait4 = Syscalls.Wait4,
                Kill = Syscalls.Kill,
                RtSigtimedwait = Syscalls.RtSigtimedwait,
                Clone3 = Syscalls.Clone3,
                CloseRange = Syscalls.CloseRange,
                Pipe2 = Syscalls.Pipe2,
                Lseek = Syscalls.Lseek,
                Clone = Syscalls.Clone,
                Close = Syscalls.Close,
                Dup3 = Syscalls.Dup3,
                Execve = Syscalls.Execve,
                RtSigaction = Syscalls.RtSigaction,
                RtSigprocmask = Syscalls.RtSigprocmask,
                ClockGettime = Syscalls.ClockGettime,
                OpenAt2 = Syscalls.OpenAt2,
                ReadlinkAt = Syscalls.ReadlinkAt,
                MkdirAt = Syscalls.MkdirAt,
                MknodAt = Syscalls.MknodAt,
                NoFollow = Libc.O_NOFOLLOW,
                OnlyDirectory = Libc.O_DIRECTORY,
            };
            ulong* arguments = (ulong*)memory.Allocate(CloneArgumentsSize);
            arguments[0] = plan.CloneFlags | ClonePidFd | CloneClearSighand | (unifiedCgroup is null ? 0 : CloneIntoCgroup);
            arguments[1] = (ulong)pidFd;
            arguments[4] = Libc.SIGCHLD;
            arguments[10] = unifiedCgroup is null ? 0 : (ulong)unifiedCgroup.DangerousGetHandle();
            JoinPidNamespace(plan, plan.PidNamespace is null ? null : (int)plan.Slots[plan.PidNamespace.Number]);
            try
            {
                return Clone(context, arguments);
            }
            finally
            {
                JoinPidNamespace(plan, (int?)ownPidNamespace?.DangerousGetHandle());
                GC.KeepAlive(unifiedCgroup);
                GC.KeepAlive(report);
                GC.KeepAlive(go);
            }
        }
    }

    // Only what comes after: children are born there, this process stays where it is (setns(2), pid namespaces).
    private static void JoinPidNamespace(SetupPlan plan, int? descriptor)
    {
        if (descriptor is { } fd && Libc.Syscall(Syscalls.Setns, fd, (nint)NamespaceType.Pid) != 0)
        {
            throw LinuxException.Last("setns", plan.PidNamespace?.Name);
        }
    }

    // Nothing may stand between the clone and the child's loop: see PlanExecutor.
    private static int Clone(PlanExecutor.ChildContext* context, ulong* arguments)
    {
        byte* all = stackalloc byte[SigsetSize];
        byte* before = stackalloc byte[SigsetSize];
        new Span<byte>(all, SigsetSize).Fill(0xFF);
        _ = Libc.sigprocmask(Libc.SIG_SETMASK, all, before);
        nint pid = Libc.RawSyscall(Syscalls.Clone3, (nint)arguments, CloneArgumentsSize, 0, 0, 0, 0);
        if (pid == 0)
        {
            PlanExecutor.RunChild(context);
        }

        int errno = pid < 0 ? *Libc.ErrnoLocation() : 0;
        _ = Libc.sigprocmask(Libc.SIG_SETMASK, before, null);
        return pid < 0 ? throw new RuntimeException(ErrorKind.Step, LinuxException.Format((Errno)errno, "clone3", null), (Errno)errno) : (int)pid;
    }

    private static SafeFileHandle Duplicate(SafeFileHandle handle) => Duplicate((int)handle.DangerousGetHandle());

    private static SafeFileHandle Duplicate(int descriptor)
    {
        int copy = Libc.fcntl(descriptor, Libc.F_DUPFD_CLOEXEC, 3);
        return copy < 0 ? throw LinuxException.Last("fcntl") : new SafeFileHandle(copy, ownsHandle: true);
    }

    private static SafeFileHandle Open(string path)
    {
        int fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return fd < 0 ? throw LinuxException.Last("open", path) : new SafeFileHandle(fd, ownsHandle: true);
    }

    private static void CloseSlots(SetupPlan plan)
    {
        for (int i = 0; i < plan.ParentInfos.Count; i++)
        {
            int slot = plan.ParentSteps[i].ResultSlot;
            if (slot >= 0 && plan.Slots[slot] > 2)
            {
                _ = Libc.close((int)plan.Slots[slot]);
                plan.Slots[slot] = -1;
            }
        }
    }
}
