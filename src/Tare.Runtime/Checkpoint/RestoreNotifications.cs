using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;
using Tare.Linux.Netlink;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>What this process does at the points of a restore (criu(8), --action-script).</summary>
/// <param name="request">The container.</param>
/// <param name="stored">The container on disk.</param>
/// <param name="document">Its state, written once the first process is known.</param>
/// <param name="terminalReady">Gets the master of the terminal before the processes go on; null for nobody.</param>
internal sealed class RestoreNotifications(CreateRequest request, StoredContainer stored, StateDocument document, Action<SafeFileHandle>? terminalReady)
{
    private SafePidFd? _process;
    private SafeFileHandle? _ptyMaster;

    /// <summary>Does what a point asks for.</summary>
    /// <param name="notification">The point.</param>
    /// <param name="beside">The descriptor that came with it; owned here.</param>
    /// <exception cref="RuntimeException">A hook failed; criu is to be ended.</exception>
    public void At(CriuReply notification, SafeFileHandle? beside)
    {
        if (notification.Script == "orphan-pts-master")
        {
            _ptyMaster = beside;
            return;
        }

        beside?.Dispose();
        switch (notification.Script)
        {
            case "setup-namespaces":
                SetUpNamespaces(notification.Pid);
                break;
            case "post-restore":
                Save(notification.Pid);
                break;
            case "pre-resume" when _ptyMaster is { } master:
                terminalReady?.Invoke(master);
                break;
            default:
                break; // before and after steps that concern criu only
        }
    }

    /// <summary>The container, once criu has let its processes go on.</summary>
    /// <exception cref="RuntimeException">criu did not say which process is the first.</exception>
    public RestoredContainer Finish()
        => new(stored, _process ?? throw new RuntimeException(ErrorKind.Step, "criu did not name the restored process"), _ptyMaster);

    /// <summary>Ends what was restored, after a failure.</summary>
    public void Abandon()
    {
        if (_process is { } process)
        {
            process.TrySendSignal(Libc.SIGKILL);
            ChildReaper.Wait(process);
            process.Dispose();
        }

        _ptyMaster?.Dispose();
    }

    private void SetUpNamespaces(int pid)
    {
        if (request.Spec.Linux?.Namespaces?.Exists(entry => entry.Type == "network" && string.IsNullOrEmpty(entry.Path)) ?? false)
        {
            BringLoopbackUp(pid);
        }

        document.Pid = pid;
        ContainerState state = stored.ToState(ContainerStatus.Creating);
        HookRunner.Run(request.Spec.Hooks?.Prestart, state, "prestart");
        HookRunner.Run(request.Spec.Hooks?.CreateRuntime, state, "createRuntime");
    }

    // The namespace comes back empty, and the kernel makes its loopback interface down.
    private static void BringLoopbackUp(int pid)
    {
        using SafeFileHandle inside = File.OpenHandle(NamespaceFiles.PathOf(pid, NamespaceType.Network));
        NetworkNamespaceVisit.Run(inside, static () =>
        {
            using RouteSocket socket = new();
            if (socket.FindIndex("lo") is { } loopback)
            {
                socket.SetUp(loopback);
            }
        });
    }

    private void Save(int pid)
    {
        _process = SafePidFd.Open(pid);
        document.Pid = pid;
        document.StartTicks = StoredContainer.StartTicksOf(pid);
        stored.Save(request.Configuration.Span);
    }
}
