using Tare.Linux.Capabilities;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Plan;

/// <summary>
/// Compiles a container's configuration into its setup plan. Pure: reads its inputs and makes no system call.
/// </summary>
/// <remarks>The order of the child's steps, each part in a method or a class of its own:
/// <code>
/// own session, not dumpable, descriptors close-on-exec
/// join the cgroups          - before a cgroup namespace is made, which takes the current cgroup as its root
/// join namespaces by path, id maps (sync), cgroup namespace
/// host name, propagation, root mount, mounts, devices
/// the cgroups (sync), where they are made meanwhile: before the first mount of them
/// hooks (sync)
/// terminal, pivot_root, read-only and masked paths, sysctl, limits
/// working directory, seccomp (without no_new_privs: needs CAP_SYS_ADMIN), capabilities and ids
/// look-up of the command, ready (sync), start gate
/// seccomp (with no_new_privs), execve
/// </code></remarks>
internal sealed class PlanCompiler : IDisposable
{
    // What Docker's users look for as PID 1 of a container with an init.
    private const string InitName = "/sbin/docker-init";
    private const int PrSetName = 15; // linux/prctl.h
    private readonly CreateInputs _inputs;
    private readonly PlanMemory _memory = new();
    private readonly List<Slot> _slots = [];
    private readonly PlanBuilder _parent;
    private readonly PlanBuilder _child;
    private readonly RuntimeSpec _spec;
    private readonly LinuxSpec _linux;
    private readonly ProcessSpec _process;
    private bool _compiled;
    private bool _joinedCgroupsLate;

    private PlanCompiler(CreateInputs inputs)
    {
        _inputs = inputs;
        _parent = new PlanBuilder(_memory, _slots, PlanBuilder.UsualOfParent, inputs.Explain);
        _child = new PlanBuilder(_memory, _slots, PlanBuilder.UsualOfChild, inputs.Explain);
        _spec = inputs.Spec;
        _linux = inputs.Spec.Linux ?? new LinuxSpec();
        _process = inputs.Spec.Process ?? throw new RuntimeException(ErrorKind.Invalid, "config.json: process is missing");
    }

    /// <summary>Compiles.</summary>
    /// <exception cref="RuntimeException">The configuration is wrong; the message names the field.</exception>
    public static SetupPlan Compile(CreateInputs inputs)
    {
        using PlanCompiler compiler = new(inputs);
        try
        {
            return compiler.Compile();
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            throw new RuntimeException(ErrorKind.Invalid, "config.json: " + failure.Message, inner: failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_compiled)
        {
            _memory.Dispose();
        }
    }

    private SetupPlan Compile()
    {
        NamespacePlan namespaces = NamespacePlan.Of(_linux);
        NetDeviceNames.Check(_linux.NetDevices, namespaces);
        Slot proc = _parent.NewSlot("/proc");
        _parent.Call("openat", Syscalls.OpenAt, "\"/proc\"", Libc.AT_FDCWD, _memory.String("/proc"), Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0).Into(proc);
        Slot? gate = OpenGate();
        List<Slot> cgroups = _inputs.JoinsCgroupsLate ? [] : OpenCgroups(_parent);
        Dictionary<NamespaceType, Slot> joined = OpenNamespaces(namespaces);

        ProcessSteps.Begin(_child, _inputs.Program, _inputs.Init ? [InitName, "--", .. _process.Args ?? []] : [], visible: IsVisible(namespaces));
        foreach (int descriptor in _inputs.ClosedDescriptors)
        {
            _child.Call("close", Syscalls.Close, "descriptor of the parent", descriptor);
        }

        EnterNamespaces(namespaces, joined, proc, cgroups);
        if (_linux is { NetDevices.Count: > 0 } or { IntelRdt: not null })
        {
            _child.Add(StepKind.Sync, "sync", "outside", PlanExecutor.SyncOutside, 1);
        }

        if (!_inputs.JoinsCgroupsLate)
        {
            new SchedulingSteps(_child).AllProcessors();
        }

        NetworkSteps.BringLoopbackUp(_child, namespaces);
        SetNames(namespaces);
        RootSteps root = new(_parent, _child, _inputs, _linux, namespaces);
        Slot rootSlot = root.MountRoot();
        root.MountAll(rootSlot, beforeCgroups: () => JoinCgroupsLate(namespaces));
        JoinCgroupsLate(namespaces);
        if (!DeviceSteps.IsFromOutside(_spec.Mounts))
        {
            DeviceSteps.Make(_child, rootSlot, _linux, _process.Terminal, namespaces.HasUserNamespace);
        }
        else if (_process.Terminal)
        {
            _child.EnsureTarget(rootSlot, "/dev/console", directory: false);
        }

        if (NeedsHooks())
        {
            _child.Add(StepKind.Sync, "sync", "hooks", PlanExecutor.SyncHooks, 1);
            _child.Call("fchdir", Syscalls.Fchdir, "root", rootSlot).Detail("where runc runs these hooks");
            AddHooks("createContainer", _spec.Hooks!.CreateContainer, _inputs.HookFiles?.CreateContainer, _memory.StringArray([]));
        }

        ProcessSteps process = new(_child, _process, namespaces.HasUserNamespace ? CapabilitySet.All : _inputs.Bounding, _inputs.LastCapability);
        process.Streams(_inputs.Descriptors, _inputs.TerminalSocket, rootSlot, _inputs.NullStreams, _inputs.PlainLineFeeds);
        root.Pivot(rootSlot);
        process.MakeWorkingDirectory(rootSlot);
        root.Seal(rootSlot);
        SetSysctls(proc);
        Finish(process, proc, gate);
        _compiled = true;
        joined.TryGetValue(NamespaceType.Pid, out Slot? pidNamespace);
        return new SetupPlan(_memory, _slots, _parent, _child, (ulong)namespaces.CloneFlags, pidNamespace) { HookOutput = _inputs.HookFiles?.Output ?? -1 };
    }

    private void Finish(ProcessSteps process, Slot proc, Slot? gate)
    {
        process.Limits();
        SchedulingSteps scheduling = new(_child);
        SchedulingSteps.Check(_process.ExecCpuAffinity);
        scheduling.Process(_process);
        scheduling.Container(_linux);
        process.Labels(proc);
        if (!_inputs.NoNewKeyring)
        {
            process.JoinKeyring(_inputs.Id);
        }

        if (_inputs.Init)
        {
            _child.Call("prctl", Syscalls.Prctl, "process name", PrSetName, _memory.String(Path.GetFileName(InitName)), 0, 0, 0);
            _child.Add(StepKind.BecomeInit, "clone3", "the process; PID 1 stays as a small init");
        }

        process.NoNewPrivileges();
        if (!_process.NoNewPrivileges)
        {
            process.Seccomp(_inputs.Seccomp, _inputs.SeccompFlags, _inputs.SeccompNotifies, _inputs.ListenerSocket);
        }

        process.TakeIdentity();
        ExecSteps exec = new(_child, _process, _inputs.Home);
        exec.LookUp();
        // Last of all, but this process must still be there to take the listener over.
        if (_process.NoNewPrivileges && _inputs.SeccompNotifies)
        {
            process.Seccomp(_inputs.Seccomp, _inputs.SeccompFlags, notifies: true, _inputs.ListenerSocket);
        }

        if (gate is not null)
        {
            // A process of the container finds what waits here in /proc: it shall hold nothing of the host (as runc).
            _child.Add(StepKind.CloseOthers, "close_range", "all other descriptors", 3 + _inputs.PreservedDescriptors, gate, _inputs.HookFiles?.StartContainer ?? -1, _inputs.HookFiles?.Output ?? -1, -1, -1);
        }

        _child.Add(StepKind.Sync, "sync", "ready", PlanExecutor.SyncReady, 0);
        if (gate is not null)
        {
            _child.Call("read", Syscalls.Read, "start gate", gate, GateBuffer(), 1);
        }

        AddHooks("startContainer", _spec.Hooks?.StartContainer, _inputs.HookFiles?.StartContainer, exec.EnvironmentVector);
        process.ResetSignals(_inputs.IgnoredSignals);
        if (_process.NoNewPrivileges && !_inputs.SeccompNotifies)
        {
            process.Seccomp(_inputs.Seccomp, _inputs.SeccompFlags, notifies: false);
        }

        exec.Execute(_inputs.PreservedDescriptors);
    }

    private unsafe nint GateBuffer() => (nint)_memory.Allocate(1);

    private Slot? OpenGate()
    {
        if (_inputs.GatePath is not { } path)
        {
            return null;
        }

        // For reading and writing, so that opening does not block and the gate's own end never comes.
        Slot gate = _parent.NewSlot("start gate");
        _parent.Call("openat", Syscalls.OpenAt, FileSteps.Quote(path), Libc.AT_FDCWD, _memory.String(path), Libc.O_RDWR | Libc.O_CLOEXEC, 0).Into(gate);
        return gate;
    }

    private List<Slot> OpenCgroups(PlanBuilder opener)
    {
        List<Slot> files = [];
        foreach (CgroupView cgroup in _inputs.Cgroups)
        {
            if (cgroup.IsUnified && _inputs.ClonedIntoUnified)
            {
                continue;
            }

            string path = cgroup.JoinFile;
            Slot file = opener.NewSlot(path);
            opener.Call("openat", Syscalls.OpenAt, FileSteps.Quote(path), Libc.AT_FDCWD, _memory.String(path), Libc.O_WRONLY | Libc.O_CLOEXEC, 0).Into(file);
            files.Add(file);
        }

        return files;
    }

    private Dictionary<NamespaceType, Slot> OpenNamespaces(NamespacePlan namespaces)
    {
        Dictionary<NamespaceType, Slot> joined = [];
        foreach ((NamespaceType type, string path) in namespaces.Joined)
        {
            Slot file = _parent.NewSlot(path);
            _parent.Call("openat", Syscalls.OpenAt, FileSteps.Quote(path), Libc.AT_FDCWD, _memory.String(path), Libc.O_RDONLY | Libc.O_CLOEXEC, 0).Into(file);
            joined[type] = file;
        }

        return joined;
    }

    private void JoinCgroups(List<Slot> files)
    {
        foreach (Slot file in files)
        {
            _child.WriteTo(file, "0", file.Name);
        }
    }

    private void JoinCgroupsLate(NamespacePlan namespaces)
    {
        if (!_inputs.JoinsCgroupsLate || _joinedCgroupsLate)
        {
            return;
        }

        _joinedCgroupsLate = true;
        _child.Add(StepKind.Sync, "sync", "cgroup", PlanExecutor.SyncCgroup, 1);
        JoinCgroups(OpenCgroups(_child));
        new SchedulingSteps(_child).AllProcessors();
        MakeCgroupNamespace(namespaces);
    }

    private void MakeCgroupNamespace(NamespacePlan namespaces)
    {
        if (namespaces.MakesCgroupNamespace)
        {
            _child.Call("unshare", Syscalls.Unshare, "cgroup namespace", (long)NamespaceType.Cgroup);
        }
    }

    private void EnterNamespaces(NamespacePlan namespaces, Dictionary<NamespaceType, Slot> joined, Slot proc, List<Slot> cgroups)
    {
        JoinCgroups(cgroups);
        foreach (NamespaceType type in NamespaceFiles.All)
        {
            // The pid namespace is the child's from its birth.
            if (type != NamespaceType.Pid && joined.TryGetValue(type, out Slot? file))
            {
                _child.Call("setns", Syscalls.Setns, FileSteps.Quote(file.Name), file, (long)type).Detail($"{type}");
            }
        }

        if (namespaces.LateFlags != 0)
        {
            _child.Call("unshare", Syscalls.Unshare, "namespaces", (long)namespaces.LateFlags).Detail($"{namespaces.LateFlags}");
            if ((namespaces.LateFlags & NamespaceType.Pid) != 0)
            {
                // A pid namespace is that of children.
                _child.Add(StepKind.BecomeSibling, "clone3", "the first process of the pid namespace");
                _child.Call("setsid", Syscalls.Setsid, "session").Detail("of the new process, which else could take no terminal for its own");
            }
        }

        if (namespaces.MakesUserNamespace)
        {
            _child.Add(StepKind.Sync, "sync", "id maps", PlanExecutor.SyncIdMaps, 1);
            if (IsVisible(namespaces))
            {
                ProcessSteps.Hide(_child);
            }
        }

        if (namespaces.HasUserNamespace)
        {
            _child.Call("setresgid", Syscalls.Setresgid, "0", 0, 0, 0);
            _child.Call("setresuid", Syscalls.Setresuid, "0", 0, 0, 0);
        }

        if (namespaces.MakesTimeNamespace)
        {
            MakeTimeNamespace(proc, namespaces);
        }

        if (!_inputs.JoinsCgroupsLate)
        {
            MakeCgroupNamespace(namespaces);
        }
    }

    private bool IsVisible(NamespacePlan namespaces) => _inputs.Unprivileged && namespaces.MakesUserNamespace;

    // Offsets can be set until the first process is in the namespace, so it is made for children first and then entered (time_namespaces(7)).
    private void MakeTimeNamespace(Slot proc, NamespacePlan namespaces)
    {
        _child.Call("unshare", Syscalls.Unshare, "time namespace", (long)NamespaceType.Time);
        bool foreign = namespaces.HasUserNamespace && _linux.TimeOffsets is { Count: > 0 };
        if (foreign)
        {
            // What is not dumpable belongs to the host's root in /proc, who is nobody here.
            ProcessSteps.Show(_child);
        }

        foreach ((string clock, LinuxTimeOffset offset) in _linux.TimeOffsets ?? [])
        {
            if (clock is not ("monotonic" or "boottime"))
            {
                throw new ArgumentException($"linux.timeOffsets \"{clock}\" is unknown: monotonic, boottime");
            }

            _child.WriteProc(proc, "self/timens_offsets", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{clock} {offset.Seconds} {offset.Nanoseconds}"));
        }

        if (foreign)
        {
            ProcessSteps.Hide(_child);
        }

        Slot made = _child.NewSlot("time namespace");
        _child.Call("openat", Syscalls.OpenAt, "\"/proc/self/ns/time_for_children\"", proc, _memory.String("self/ns/time_for_children"), Libc.O_RDONLY | Libc.O_CLOEXEC, 0).Into(made);
        _child.Call("setns", Syscalls.Setns, "time namespace", made, (long)NamespaceType.Time);
    }

    private void SetNames(NamespacePlan namespaces)
    {
        if (!string.IsNullOrEmpty(_spec.Hostname))
        {
            Require(namespaces, NamespaceType.Uts, "hostname");
            _child.Call("sethostname", Syscalls.SetHostname, FileSteps.Quote(_spec.Hostname), _memory.String(_spec.Hostname), System.Text.Encoding.UTF8.GetByteCount(_spec.Hostname));
        }

        if (!string.IsNullOrEmpty(_spec.Domainname))
        {
            Require(namespaces, NamespaceType.Uts, "domainname");
            _child.Call("setdomainname", Syscalls.SetDomainname, FileSteps.Quote(_spec.Domainname), _memory.String(_spec.Domainname), System.Text.Encoding.UTF8.GetByteCount(_spec.Domainname));
        }
    }

    private void SetSysctls(Slot proc)
    {
        foreach ((string name, string value) in _linux.Sysctl ?? [])
        {
            string path = SysctlNames.PathOf(name, NamespacePlan.Of(_linux));
            _child.WriteProc(proc, path, value);
        }
    }

    // The sync point is where the parent runs its hooks and writes the state that the child's hooks read.
    private bool NeedsHooks()
        => _spec.Hooks is { Prestart.Count: > 0 } or { CreateRuntime.Count: > 0 } or { CreateContainer.Count: > 0 } or { StartContainer.Count: > 0 };

    private unsafe void AddHooks(string kind, List<Hook>? hooks, int? input, nint environment)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
        {
            Hook hook = hooks![i];
            HookCall call = new()
            {
                Path = _memory.String(hook.Path),
                Arguments = _memory.StringArray(hook.Args is { Count: > 0 } arguments ? arguments : [hook.Path]),
                Environment = hook.Env is { Count: > 0 } variables ? _memory.StringArray(variables) : environment,
                Input = input ?? -1,
                Output = _inputs.HookFiles?.Output ?? -1,
                TimeoutSeconds = Math.Max(hook.Timeout ?? 0, 0),
            };
            _child.Add(StepKind.RunHook, $"{kind} hook #{i}", FileSteps.Quote(hook.Path), _memory.Copy(call)).As(StepRole.Hook);
        }
    }

    private static void Require(NamespacePlan namespaces, NamespaceType type, string field)
    {
        if (!namespaces.Has(type))
        {
            throw new ArgumentException($"{field} needs a {type.ToString().ToLowerInvariant()} namespace of the container's own");
        }
    }
}
