using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Runtime.Plan;

/// <summary>
/// Runs steps. The same loop serves the parent, where a failure is returned, and the child, where it is reported and the process ends.
/// </summary>
/// <remarks>
/// Between clone and execve nothing managed may happen: no allocation, no exception, no lock, no lazily initialised static, no GC transition. All
/// that <see cref="RunChild"/> touches is its arguments, unmanaged memory, and raw system calls.
/// </remarks>
internal static unsafe class PlanExecutor
{
    /// <summary>Sync point: everything is set up and the start gate comes next.</summary>
    public const int SyncReady = -1;

    /// <summary>Sync point: the parent writes the id maps now.</summary>
    public const int SyncIdMaps = -2;

    /// <summary>Sync point: the mounts are made, before pivot_root; hooks run now.</summary>
    public const int SyncHooks = -3;

    /// <summary>Sync point: the filter has a listener, whose descriptor the parent takes over now. The report carries its number.</summary>
    public const int SyncListener = -4;

    /// <summary>Sync point: the namespaces are there; the parent moves network devices into them, and the child to its class of service.</summary>
    public const int SyncOutside = -5;

    /// <summary>Sync point: the report carries the pid of the process that goes on from here.</summary>
    public const int SyncSibling = -6;

    /// <summary>Sync point: the child needs its cgroup now. The parent has made it when it answers.</summary>
    public const int SyncCgroup = -7;

    /// <summary>A report of the child: a failing step and its errno, or a sync point and a number. Smaller than PIPE_BUF, hence written whole.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Report
    {
        /// <summary>Index of the failing step, or a sync point.</summary>
        public int Step;

        /// <summary>The errno of the failure, or the number that a sync point carries.</summary>
        public int Errno;
    }

    /// <summary>What the child needs beside its steps; numbers are copied here so that the child initialises no static.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ChildContext
    {
        /// <summary>The steps.</summary>
        public PlanStep* Steps;

        /// <summary>How many there are.</summary>
        public int Count;

        /// <summary>The pipe for reports.</summary>
        public int ReportDescriptor;

        /// <summary>The pipe with the parent's go-ahead.</summary>
        public int GoDescriptor;

        /// <summary>The parent's ends of both pipes. The child closes its copies: only then the death of the parent ends the pipes.</summary>
        public int ParentReportDescriptor, ParentGoDescriptor;

        /// <summary>The slots.</summary>
        public long* Slots;

        /// <summary>A buffer of 4096 bytes, and behind it those of <see cref="PathMaker"/>.</summary>
        public byte* Scratch;

        /// <summary>Numbers of system calls.</summary>
        public int Write, Read, ExitGroup, Getcwd, Wait4, Kill, RtSigtimedwait, Clone3, CloseRange, Pipe2, Lseek, Clone, Close, Dup3, Execve, RtSigaction, RtSigprocmask, ClockGettime, OpenAt2, ReadlinkAt, MkdirAt, MknodAt;

        /// <summary>O_NOFOLLOW and O_DIRECTORY, which are not the same on all processors.</summary>
        public int NoFollow, OnlyDirectory;
    }

    /// <summary>Runs the parent's steps. Returns the index of the failing step, or -1.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="errno">The failure's errno.</param>
    public static int RunParent(SetupPlan plan, out int errno)
    {
        errno = 0;
        for (int i = 0; i < plan.ParentInfos.Count; i++)
        {
            long result = RunStep(&plan.ParentSteps[i], plan.Slots);
            if (result < 0)
            {
                errno = (int)-result;
                return i;
            }
        }

        return -1;
    }

    /// <summary>Runs the child's steps. Never returns.</summary>
    public static void RunChild(ChildContext* context)
    {
        Libc.RawSyscall(context->Close, context->ParentReportDescriptor, 0, 0, 0, 0, 0);
        Libc.RawSyscall(context->Close, context->ParentGoDescriptor, 0, 0, 0, 0, 0);
        for (int i = 0; i < context->Count; i++)
        {
            PlanStep* step = &context->Steps[i];
            long result;
            switch (step->Kind)
            {
                case StepKind.SystemCall or StepKind.StoreSlot or StepKind.SetSlot or StepKind.LoadSlot or StepKind.Fail or StepKind.Expect:
                    result = RunStep(step, context->Slots);
                    break;
                case StepKind.Sync:
                    result = Sync(context, step);
                    break;
                case StepKind.RunHook:
                    result = HookExecutor.Run(context, (HookCall*)step->Arguments[0]);
                    break;
                case StepKind.VerifyWorkingDirectory:
                    result = VerifyWorkingDirectory(context);
                    break;
                case StepKind.CopyTree:
                    result = TreeCopier.Run(context, (TreeCopy*)step->Arguments[0], (int)Argument(step, 1, context->Slots), (int)Argument(step, 2, context->Slots));
                    break;
                case StepKind.MakePath:
                    result = Holds(step->Condition, step->ConditionSlot, context->Slots) && Holds(step->Guard, step->GuardSlot, context->Slots)
                        ? PathMaker.Run(context, (int)Argument(step, 0, context->Slots), (byte*)step->Arguments[1], step->Arguments[2] != 0)
                        : 0;
                    break;
                case StepKind.CloseOthers:
                    CloseOthers(context, step);
                    result = 0;
                    break;
                case StepKind.BecomeSibling:
                    result = BecomeSibling(context);
                    break;
                default:
                    result = BecomeInit(context);
                    break;
            }

            if (result < 0)
            {
                SendReport(context, i, (int)-result);
                Exit(context, 1);
            }
        }

        Exit(context, 0);
    }

    // Returns 0 for success, for an ignored error, and for a step whose conditions do not hold; else a negative errno.
    private static long RunStep(PlanStep* step, long* slots)
    {
        if (!Holds(step->Condition, step->ConditionSlot, slots) || !Holds(step->Guard, step->GuardSlot, slots))
        {
            return 0;
        }

        if (step->Kind == StepKind.Fail)
        {
            return slots[step->Arguments[0]];
        }

        if (step->Kind == StepKind.Expect)
        {
            return (*(uint*)step->Arguments[0] & (uint)step->Arguments[1]) == (uint)step->Arguments[2] ? 0 : -17; // EEXIST
        }

        if (step->Kind == StepKind.StoreSlot)
        {
            *(int*)step->Arguments[0] = (int)slots[step->Arguments[1]];
            return 0;
        }

        if (step->Kind == StepKind.LoadSlot)
        {
            slots[step->ResultSlot] = *(uint*)step->Arguments[0] & (uint)step->Arguments[1];
            return 0;
        }

        if (step->Kind == StepKind.SetSlot)
        {
            slots[step->ResultSlot] = step->Arguments[0];
            return 0;
        }

        long result = Libc.RawSyscall(step->Number, Argument(step, 0, slots), Argument(step, 1, slots), Argument(step, 2, slots),
            Argument(step, 3, slots), Argument(step, 4, slots), Argument(step, 5, slots));
        if (result == -1)
        {
            result = -*Libc.ErrnoLocation();
        }

        if (step->ResultSlot >= 0)
        {
            slots[step->ResultSlot] = result;
        }

        return result >= 0 || step->Tolerant != 0 || -result == step->Ignored || -result == step->AlsoIgnored ? 0 : result;
    }

    private static bool Holds(StepCondition condition, int slot, long* slots) => condition switch
    {
        StepCondition.Succeeded => slots[slot] >= 0,
        StepCondition.Failed => slots[slot] < 0,
        StepCondition.NotADirectory => slots[slot] == -20, // ENOTDIR
        _ => true,
    };

    private static nint Argument(PlanStep* step, int index, long* slots)
        => (nint)((step->SlotMask & (1 << index)) == 0 ? step->Arguments[index] : slots[step->Arguments[index]]);

    // Without close_range (Linux 5.9) they stay open until execve.
    private static void CloseOthers(ChildContext* context, PlanStep* step)
    {
        long from = Argument(step, 0, context->Slots);
        while (true)
        {
            long kept = uint.MaxValue;
            for (int i = 1; i <= 5; i++)
            {
                kept = Nearer(kept, Argument(step, i, context->Slots), from);
            }

            kept = Nearer(Nearer(kept, context->ReportDescriptor, from), context->GoDescriptor, from);
            if (kept > from)
            {
                Libc.RawSyscall(context->CloseRange, (nint)from, (nint)(kept == uint.MaxValue ? kept : kept - 1), 0, 0, 0, 0);
            }

            if (kept == uint.MaxValue)
            {
                return;
            }

            from = kept + 1;
        }
    }

    private static long Nearer(long nearest, long descriptor, long from) => descriptor >= from && descriptor < nearest ? descriptor : nearest;

    private static long Sync(ChildContext* context, PlanStep* step)
    {
        SendReport(context, (int)step->Arguments[0], (int)Argument(step, 2, context->Slots));
        return step->Arguments[1] == 0 ? 0 : AwaitParent(context);
    }

    private static long AwaitParent(ChildContext* context)
    {
        nint got;
        do
        {
            got = Libc.RawSyscall(context->Read, context->GoDescriptor, (nint)context->Scratch, 1, 0, 0, 0);
        }
        while (got == -1 && *Libc.ErrnoLocation() == 4); // EINTR

        if (got != 1)
        {
            // The parent gave up or died; there is nobody to report to.
            Exit(context, 1);
        }

        return 0;
    }

    private static long VerifyWorkingDirectory(ChildContext* context)
    {
        nint length = Libc.RawSyscall(context->Getcwd, (nint)context->Scratch, 4096, 0, 0, 0, 0);
        return length > 0 && context->Scratch[0] == (byte)'/' ? 0 : -2; // ENOENT
    }

    private static void SendReport(ChildContext* context, int step, int errno)
    {
        Report report;
        report.Step = step;
        report.Errno = errno;
        Libc.RawSyscall(context->Write, context->ReportDescriptor, (nint)(&report), sizeof(Report), 0, 0, 0);
    }

    private static void Exit(ChildContext* context, int code)
    {
        Libc.RawSyscall(context->ExitGroup, code, 0, 0, 0, 0, 0);

        // A seccomp filter that refuses even this call. What the processor itself finds wrong no filter sees, and the kernel ends the process for it.
        while (true)
        {
            *(int*)null = code;
        }
    }

    private static long BecomeSibling(ChildContext* context)
    {
        ulong* arguments = (ulong*)context->Scratch; // struct clone_args; no exit signal: that of this process is taken
        for (int i = 0; i < 11; i++)
        {
            arguments[i] = 0;
        }

        arguments[0] = 0x8000; // CLONE_PARENT
        nint sibling = Libc.RawSyscall(context->Clone3, (nint)arguments, 11 * sizeof(ulong), 0, 0, 0, 0);
        if (sibling == 0)
        {
            return AwaitParent(context);
        }

        if (sibling < 0)
        {
            return -*Libc.ErrnoLocation();
        }

        SendReport(context, SyncSibling, (int)sibling);
        Exit(context, 0);
        return 0;
    }

    // PID 1 stays here; its child, the process of the user, returns and goes on with the plan.
    private static long BecomeInit(ChildContext* context)
    {
        const int ExitSignalOffset = 4; // struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal
        ulong* arguments = (ulong*)context->Scratch;
        for (int i = 0; i < 11; i++)
        {
            arguments[i] = 0;
        }

        arguments[ExitSignalOffset] = 17; // SIGCHLD
        nint child = Libc.RawSyscall(context->Clone3, (nint)arguments, 11 * sizeof(ulong), 0, 0, 0, 0);
        if (child == 0)
        {
            return 0;
        }

        if (child < 0)
        {
            return -*Libc.ErrnoLocation();
        }

        Libc.RawSyscall(context->CloseRange, 0, unchecked((nint)uint.MaxValue), 0, 0, 0, 0);
        ServeAsInit(context, (int)child);
        return 0;
    }

    private static void ServeAsInit(ChildContext* context, int child)
    {
        const int ChildEnded = 17; // SIGCHLD
        ulong all = ulong.MaxValue;
        while (true)
        {
            nint signal = Libc.RawSyscall(context->RtSigtimedwait, (nint)(&all), 0, 0, sizeof(ulong), 0, 0);
            if (signal > 0 && signal != ChildEnded)
            {
                Libc.RawSyscall(context->Kill, child, signal, 0, 0, 0, 0);
                continue;
            }

            int status;
            nint ended;
            while ((ended = Libc.RawSyscall(context->Wait4, -1, (nint)(&status), 1, 0, 0, 0)) > 0)
            {
                if (ended == child)
                {
                    int signalled = status & 0x7F;
                    Exit(context, signalled == 0 ? (status >> 8) & 0xFF : 128 + signalled);
                }
            }
        }
    }
}
