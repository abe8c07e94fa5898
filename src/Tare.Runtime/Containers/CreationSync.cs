using System.Globalization;
using Tare.Linux.Cgroups;
using Tare.Linux.Files;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Plan;
using Tare.Runtime.Seccomp;

namespace Tare.Runtime.Containers;

/// <summary>What the parent does at the sync points of a creation.</summary>
internal sealed class CreationSync(CreateRequest request, StoredContainer stored, SeccompFilter? filter, HookFiles? hookFiles, DescriptorPair? listener)
{
    /// <summary>Does what a point asks for.</summary>
    /// <exception cref="RuntimeException">It failed; the creation ends.</exception>
    public void At(LaunchedChild child, PlanExecutor.Report point)
    {
        switch (point.Step)
        {
            case PlanExecutor.SyncIdMaps:
                IdMaps.Write(child.Pid, request.Spec.Linux!.UidMappings!, request.Spec.Linux.GidMappings!);
                break;
            case PlanExecutor.SyncOutside:
                ActOutside(request.Spec.Linux!, child.Pid);
                break;
            case PlanExecutor.SyncCgroup:
                break;
            case PlanExecutor.SyncListener:
                HandOverListener(child, point.Errno);
                break;
            default:
                RunHooks(child.Pid);
                break;
        }
    }

    private void ActOutside(LinuxSpec linux, int pid)
    {
        if (linux.NetDevices is { Count: > 0 })
        {
            NetDevices.Move(linux, pid);
        }

        if (linux.IntelRdt is { } rdt)
        {
            IntelRdt.Join(IntelRdt.MountPoint(), rdt, request.Id, pid);
        }
    }

    private void HandOverListener(LaunchedChild child, int descriptor)
    {
        ContainerState state = stored.ToState(ContainerStatus.Creating);
        if (!request.Init)
        {
            SeccompListener.HandOver(filter!, child.PidFd, child.Pid, descriptor, state, listener);
            return;
        }

        int pid = SeccompListener.ChildOf(child.Pid);
        using SafePidFd process = SafePidFd.Open(pid);
        SeccompListener.HandOver(filter!, process, pid, descriptor, state, listener);
    }

    private void RunHooks(int pid)
    {
        ContainerState state = stored.ToState(ContainerStatus.Creating);
        HookRunner.Run(request.Spec.Hooks?.Prestart, state, "prestart");
        HookRunner.Run(request.Spec.Hooks?.CreateRuntime, state, "createRuntime");
        bool ownPids = request.Spec.Linux?.Namespaces?.Exists(entry => entry.Type == "pid") ?? false;
        hookFiles?.Write(state, ownPids ? PidInside(pid) : pid);
    }

    // The innermost of the pids in /proc/PID/status, line NSpid (proc_pid_status(5)).
    private static int PidInside(int pid)
    {
        string? status = CgroupFile.TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"));
        int line = status?.IndexOf("\nNSpid:", StringComparison.Ordinal) ?? -1;
        ReadOnlySpan<char> pids = line < 0 ? [] : status.AsSpan(line + 1);
        pids = pids[..Math.Max(pids.IndexOf('\n'), 0)];
        return int.TryParse(pids[(pids.LastIndexOf('\t') + 1)..], CultureInfo.InvariantCulture, out int inside) ? inside : pid;
    }
}
