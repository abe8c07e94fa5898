using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Plan;

/// <summary>A child that runs its plan, or already the process that the plan ended in. Disposing closes the descriptors and does not end it.</summary>
internal sealed unsafe class LaunchedChild(int pid, SafePidFd pidFd, SafeFileHandle report, IReadOnlyList<StepInfo> steps, Func<Errno, bool, RuntimeException> describeCommand) : IDisposable
{
    /// <summary>The pid outside.</summary>
    public int Pid { get; private set; } = pid;

    /// <summary>The pidfd.</summary>
    public SafePidFd PidFd { get; private set; } = pidFd;

    /// <summary>What its hooks print; null without hooks. This object disposes of it.</summary>
    public SafeFileHandle? HookOutput { get; init; }

    /// <summary>Follows the sibling in whose place the child ends.</summary>
    /// <exception cref="LinuxException">The sibling has ended already.</exception>
    public void Become(int sibling)
    {
        SafePidFd opened = SafePidFd.Open(sibling);
        ChildReaper.Wait(PidFd);
        PidFd.Dispose();
        (Pid, PidFd) = (sibling, opened);
    }

    /// <summary>Waits until the process was executed.</summary>
    /// <exception cref="RuntimeException">A late step failed; the child has ended and is not reaped yet.</exception>
    public void WaitForExec()
    {
        if (ReadSyncPoint() is not null)
        {
            throw new RuntimeException(ErrorKind.Step, "the child reports a sync point after it was ready");
        }
    }

    /// <summary>The next sync point; null when the pipe has ended.</summary>
    /// <exception cref="RuntimeException">A step failed.</exception>
    public PlanExecutor.Report? ReadSyncPoint()
    {
        PlanExecutor.Report message;
        nint got;
        do
        {
            got = Libc.read((int)report.DangerousGetHandle(), &message, (nuint)sizeof(PlanExecutor.Report));
        }
        while (got < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == (int)Errno.EINTR);

        if (got == 0)
        {
            return null;
        }

        if (got != sizeof(PlanExecutor.Report))
        {
            throw LinuxException.Last("read");
        }

        return message.Step < 0 ? message : throw Failed(message);
    }

    /// <summary>The error of a child that ended without a report.</summary>
    public RuntimeException EndedEarly()
    {
        ExitStatus status = ChildReaper.Wait(PidFd);
        string how = status.Signal == 0 ? $"exit code {status.Code}" : $"signal {status.Signal}";
        string why = status.Signal is Libc.SIGSEGV or Libc.SIGSYS ? "its seccomp profile refuses what is needed to report and to execute" : "a memory limit may be too low";
        return new RuntimeException(ErrorKind.Step, $"the container's first process ended during its set-up ({how}): {why}");
    }

    /// <summary>Ends the child after a failure, and reaps it.</summary>
    public void Abandon()
    {
        try
        {
            PidFd.TrySendSignal(Libc.SIGKILL);
            ChildReaper.Wait(PidFd);
        }
        catch (LinuxException)
        {
            // Reaped already: EndedEarly did.
        }

        Dispose();
    }

    /// <summary>Closes the pipe for reports; the pidfd stays open and is the caller's.</summary>
    public void CloseReport() => report.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        report.Dispose();
        HookOutput?.Dispose();
        PidFd.Dispose();
    }

    private RuntimeException Failed(in PlanExecutor.Report message)
    {
        StepInfo step = steps[message.Step];
        Errno errno = (Errno)message.Errno;
        if (step.Role == StepRole.Hook)
        {
            string ending = HookCall.Describe(message.Errno) ?? $"{errno} ({errno.Describe()})";
            return new RuntimeException(ErrorKind.Step, $"error running {step.Call}: {step.Subject}: {ending}{(HookOutput is { } output ? HookFiles.Printed(output) : "")}");
        }

        if (step.Role == StepRole.Place)
        {
            return new RuntimeException(ErrorKind.Step, $"filesystem {step.Subject} must be mounted on ordinary directory", errno);
        }

        return step.Role is StepRole.Lookup or StepRole.Execute ? describeCommand(errno, step.Role == StepRole.Execute) : PlanLauncher.StepFailed(step, errno);
    }
}
