using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Capabilities;
using Tare.Linux.Cgroups;
using Tare.Linux.Files;
using Tare.Linux.Namespaces;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Plan;
using Tare.Runtime.Seccomp;

namespace Tare.Runtime.Containers;

/// <summary>Runs a further process in a running container.</summary>
public static class ExecLauncher
{
    /// <summary>Launches the process and returns when it is executed.</summary>
    /// <exception cref="RuntimeException">The container does not run, the document is wrong, or a step failed; the child has ended and is reaped.</exception>
    public static LaunchedProcess Launch(ExecRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        StoredContainer container = request.Container;
        ContainerStatus status = container.Status;
        if (status == ContainerStatus.Paused && !request.IgnorePaused)
        {
            throw new RuntimeException(ErrorKind.WrongState, "cannot exec in a paused container (use --ignore-paused to override)");
        }

        if (status == ContainerStatus.Stopped)
        {
            throw new RuntimeException(ErrorKind.WrongState, "cannot exec in a stopped container");
        }

        ProcessSpec process = request.Process;
        CapabilitySet bounding = CapabilitySet.Bounding();
        NamespaceType namespaces = DifferentNamespaces(container.Pid);
        ProcessClamp.Apply(process, bounding, (namespaces & NamespaceType.User) != 0, request.Warn);
        using DescriptorPair? terminal = process.Terminal ? DescriptorPair.Sockets() : null;
        using OwnProgram? program = ProgramGuard.ForChild();
        SeccompFilter? filter = container.Spec.Linux?.Seccomp is { } section ? SeccompSection.Compile(section) : null;
        using DescriptorPair? listener = SeccompListener.SocketsFor(filter);
        IReadOnlyList<CgroupDirectory> cgroups = ExecCgroups.Of(container.Cgroup, container.Pid, request.Cgroups);

        // To be born there spares the wait that joining costs (see CgroupView). A user without privileges joins, to be told which file refuses.
        using SafeFileHandle? unified = Linux.Interop.Libc.geteuid() == 0 ? cgroups.FirstOrDefault(cgroup => cgroup.Hierarchy.IsUnified)?.Open() : null;
        using SetupPlan plan = JoinPlanCompiler.Compile(Inputs(request, namespaces, bounding, terminal, filter) with
        {
            Cgroups = [.. cgroups.Where(cgroup => unified is null || !cgroup.Hierarchy.IsUnified).Select(CgroupViews.Of)],
            Program = program,
            ListenerSocket = listener is null ? -1 : (int)listener.Second.DangerousGetHandle(),
        });
        LaunchedChild child;
        try
        {
            child = PlanLauncher.Launch(plan, unified, (errno, found) => CommandErrors.Describe(process.Args![0], errno, found), (launched, point) =>
                SeccompListener.HandOver(filter!, launched.PidFd, launched.Pid, point.Errno, container.ToState(ContainerStatus.Running), listener),
                _ => ProgramGuard.ReleaseMount());
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Step, failure.Message, failure.Errno, failure);
        }

        return Finish(child, container, process, terminal, request.Warn);
    }

    private static LaunchedProcess Finish(LaunchedChild child, StoredContainer container, ProcessSpec process, DescriptorPair? terminal, Action<string>? warn)
    {
        try
        {
            if (process.OomScoreAdj is { } score)
            {
                ProcessClamp.SetOomScore(child.Pid, score, warn);
            }

            if (container.Spec.Linux?.IntelRdt is { } rdt)
            {
                IntelRdt.Join(IntelRdt.MountPoint(), rdt, container.Id, child.Pid);
            }

            SafeFileHandle? master = ContainerLauncher.ReceiveTerminal(terminal);
            child.WaitForExec();
            return new LaunchedProcess(child.Pid, child.PidFd, master);
        }
        catch
        {
            child.Abandon();
            throw;
        }
        finally
        {
            child.CloseReport();
        }
    }

    private static JoinInputs Inputs(ExecRequest request, NamespaceType namespaces, CapabilitySet bounding, DescriptorPair? terminal, SeccompFilter? filter)
    {
        StoredContainer container = request.Container;
        return new JoinInputs
        {
            Process = request.Process,
            ContainerId = container.Id,
            ContainerPid = container.Pid,
            Namespaces = namespaces,
            NoNewKeyring = container.NoNewKeyring,
            Descriptors = StreamDescriptors.Of(request.Streams, request.Process.User, container.Spec.Linux?.UidMappings),
            IgnoredSignals = IgnoredSignals.Get(),
            PreservedDescriptors = request.PreservedDescriptors,
            PlainLineFeeds = request.PlainLineFeeds,
            TerminalSocket = terminal is null ? -1 : (int)terminal.Second.DangerousGetHandle(),
            Seccomp = filter?.Program,
            SeccompFlags = filter?.Flags ?? 0,
            SeccompNotifies = filter?.Notifies ?? false,
            Bounding = bounding,
            LastCapability = CapabilitySet.LastOfKernel(),
            Unprivileged = Linux.Interop.Libc.geteuid() != 0,
            Home = PasswordFile.HomeOf(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/{container.Pid}/root"), request.Process.User.Uid),
        };
    }

    // Joining a namespace that one is in already fails for user namespaces (setns(2)), and costs time for the others.
    private static NamespaceType DifferentNamespaces(int pid)
    {
        NamespaceType different = NamespaceType.None;
        foreach (NamespaceType type in NamespaceFiles.All)
        {
            string? theirs = NamespaceFiles.Identity(NamespaceFiles.PathOf(pid, type));
            if (theirs is not null && theirs != NamespaceFiles.Identity("/proc/self/ns/" + NamespaceFiles.FileName(type)))
            {
                different |= type;
            }
        }

        return different;
    }
}
